/** The tree of a template. `position` is an index into its text. */
export type Expression =
  | { readonly kind: 'const'; readonly value: unknown; readonly position: number }
  | { readonly kind: 'name'; readonly name: string; readonly position: number }
  | { readonly kind: 'tuple' | 'list'; readonly items: readonly Expression[]; readonly position: number }
  | {
      readonly kind: 'dict';
      readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
      readonly position: number;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly position: number;
    }
  | {
      readonly kind: 'unary';
      readonly operator: 'not' | '-' | '+';
      readonly operand: Expression;
      readonly position: number;
    }
  | {
      readonly kind: 'logic';
      readonly operator: 'and' | 'or';
      readonly left: Expression;
      readonly right: Expression;
      readonly position: number;
    }
  | {
      readonly kind: 'compare';
      readonly first: Expression;
      readonly rest: readonly { readonly operator: CompareOperator; readonly operand: Expression }[];
      readonly position: number;
    }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[]; readonly position: number }
  | {
      readonly kind: 'condition';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression | undefined;
      readonly position: number;
    }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string; readonly position: number }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression; readonly position: number }
  | {
      readonly kind: 'slice';
      readonly start: Expression | undefined;
      readonly stop: Expression | undefined;
      readonly step: Expression | undefined;
      readonly position: number;
    }
  | { readonly kind: 'call'; readonly of: Expression; readonly call: CallArguments; readonly position: number }
  | {
      readonly kind: 'filter';
      /** Undefined inside a filter block: the block's text. */
      readonly of: Expression | undefined;
      readonly name: string;
      readonly call: CallArguments;
      readonly position: number;
    }
  | {
      readonly kind: 'test';
      readonly of: Expression;
      readonly name: string;
      readonly call: CallArguments;
      readonly position: number;
    };

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface CallArguments {
  readonly positional: readonly Expression[];
  readonly keywords: readonly { readonly name: string; readonly value: Expression }[];
  /** `*values` and `**values`. */
  readonly spread: Expression | undefined;
  readonly spreadKeywords: Expression | undefined;
}

export type Target =
  | { readonly kind: 'name'; readonly name: string; readonly position: number }
  /** `namespace.name`, only in `set`. */
  | { readonly kind: 'member'; readonly of: string; readonly name: string; readonly position: number }
  | { readonly kind: 'tuple'; readonly items: readonly Target[]; readonly position: number };

export interface Signature {
  readonly parameters: readonly { readonly name: string; readonly otherwise: Expression | undefined }[];
}

export type Body = readonly Statement[];

export type Statement =
  | { readonly kind: 'text'; readonly text: string; readonly position: number }
  | { readonly kind: 'output'; readonly value: Expression; readonly position: number }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Expression; readonly body: Body }[];
      readonly otherwise: Body;
      readonly position: number;
    }
  | {
      readonly kind: 'for';
      readonly target: Target;
      readonly over: Expression;
      readonly test: Expression | undefined;
      readonly recursive: boolean;
      readonly body: Body;
      readonly otherwise: Body;
      readonly position: number;
    }
  | { readonly kind: 'set'; readonly target: Target; readonly value: Expression; readonly position: number }
  | {
      readonly kind: 'set-block';
      readonly target: Target;
      readonly filter: Expression | undefined;
      readonly body: Body;
      readonly position: number;
    }
  | {
      readonly kind: 'with';
      readonly bindings: readonly { readonly target: Target; readonly value: Expression }[];
      readonly body: Body;
      readonly position: number;
    }
  | {
      readonly kind: 'macro';
      readonly name: string;
      readonly signature: Signature;
      readonly body: Body;
      readonly position: number;
    }
  | {
      readonly kind: 'call-block';
      readonly call: Expression & { readonly kind: 'call' };
      readonly signature: Signature;
      readonly body: Body;
      readonly position: number;
    }
  | { readonly kind: 'filter-block'; readonly filter: Expression; readonly body: Body; readonly position: number }
  | {
      readonly kind: 'block';
      readonly name: string;
      readonly scoped: boolean;
      /** Another template must fill it: rendering it fails. */
      readonly required: boolean;
      readonly body: Body;
      readonly position: number;
    }
  | { readonly kind: 'autoescape'; readonly on: Expression; readonly body: Body; readonly position: number }
  /** `include`, `import`, `from`, `extends`: there is no loader, so they fail when reached. */
  | {
      readonly kind: 'load';
      readonly template: Expression;
      readonly names: readonly string[];
      readonly ignoreMissing: boolean;
      readonly position: number;
    };
