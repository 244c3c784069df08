/** The tree of an expression. Positions count UTF-16 units of the expression's text. */
export type Node = Constant | Keyword | Variable | Call | Wrapped | Rule;

/** A literal. */
export interface Constant {
  readonly kind: 'constant';
  readonly value: string | number | bigint | boolean | null | object;
  readonly position: number;
}

/** A bare name: the text of itself, or the name of a key, a property or a keyword argument. */
export interface Keyword {
  readonly kind: 'keyword';
  readonly value: string;
  readonly position: number;
}

/** `$`, `$1`, `$name`; `name` is without the sign, `1` for `$` alone. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
  readonly position: number;
}

/**
 * A call by name. Operators, indexing, lists and mappings are calls of functions whose names cannot be written: `#operator_+`,
 * `#indexer`, `#list`, `#map`, `*equal`.
 */
export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Argument[];
  /** Written as `name(...)`: may stand right of a dot as a method. */
  readonly written: boolean;
  readonly position: number;
}

/** In parentheses. */
export interface Wrapped {
  readonly kind: 'wrapped';
  readonly inner: Node;
  readonly position: number;
}

/** `left => right`. */
export interface Rule {
  readonly kind: 'rule';
  readonly source: Node;
  readonly destination: Node;
  readonly position: number;
}

/** undefined: left out, as the first of `f(, 1)`. */
export type Argument = Node | undefined;
