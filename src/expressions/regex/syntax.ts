/** The tree a pattern is parsed into; the shapes follow the grammar of Python's `re`, not its internals. */
export type Node =
  | { readonly kind: 'char'; readonly code: number }
  | { readonly kind: 'set'; readonly set: SetSyntax }
  | { readonly kind: 'any' }
  | { readonly kind: 'at'; readonly place: Place }
  | {
      readonly kind: 'repeat';
      readonly min: number;
      /** `Infinity` when there is no upper bound. */
      readonly max: number;
      readonly mode: 'greedy' | 'lazy' | 'possessive';
      readonly body: Sequence;
    }
  | {
      readonly kind: 'group';
      /** Number of a capturing group, counted from 1. */
      readonly index: number | undefined;
      readonly addFlags: number;
      readonly removeFlags: number;
      readonly body: Sequence;
    }
  | { readonly kind: 'atomic'; readonly body: Sequence }
  | { readonly kind: 'branch'; readonly options: readonly Sequence[] }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negate: boolean; readonly body: Sequence }
  | { readonly kind: 'backreference'; readonly group: number }
  | {
      readonly kind: 'conditional';
      readonly group: number;
      readonly yes: Sequence;
      readonly no: Sequence | undefined;
    };

export type Sequence = readonly Node[];

export type Place = 'begin' | 'end' | 'text-begin' | 'text-end' | 'boundary' | 'no-boundary';

export type Category = 'd' | 'D' | 's' | 'S' | 'w' | 'W';

export type SetItem =
  | { readonly kind: 'range'; readonly low: number; readonly high: number }
  | { readonly kind: 'category'; readonly category: Category };

export interface SetSyntax {
  readonly negate: boolean;
  readonly items: readonly SetItem[];
}

/** Flags as bits; the values are private to this folder. */
export const FLAG = { ignoreCase: 1, multiline: 2, dotAll: 4, verbose: 8, ascii: 16, unicode: 32 } as const;

/** Flags inside a group that turns some on and some off. */
export function flagsInside(flags: number, add: number, remove: number): number {
  const types = FLAG.ascii | FLAG.unicode;
  const kept = (add & types) !== 0 ? flags & ~types : flags;
  return (kept | add) & ~remove;
}

export interface ParsedPattern {
  readonly body: Sequence;
  /** Flags given from outside together with those at the start of the pattern. */
  readonly flags: number;
  readonly groupCount: number;
  /** Indexed by group number, 0 included. */
  readonly groupWidths: readonly (Width | undefined)[];
  readonly groupNames: ReadonlyMap<string, number>;
}

export interface Width {
  readonly low: number;
  readonly high: number;
}

/** How many characters a sequence can take. `groupWidths` is indexed by group number. */
export function widthOf(sequence: Sequence, groupWidths: readonly (Width | undefined)[]): Width {
  let low = 0;
  let high = 0;
  for (const node of sequence) {
    const width = nodeWidth(node, groupWidths);
    low += width.low;
    high += width.high;
  }
  return { low, high };
}

const NOTHING: Width = { low: 0, high: 0 };

function nodeWidth(node: Node, groupWidths: readonly (Width | undefined)[]): Width {
  switch (node.kind) {
    case 'char':
    case 'set':
    case 'any':
      return { low: 1, high: 1 };
    case 'at':
    case 'look':
      return NOTHING;
    case 'group':
    case 'atomic':
      return widthOf(node.body, groupWidths);
    case 'repeat': {
      const body = widthOf(node.body, groupWidths);
      return { low: times(body.low, node.min), high: times(body.high, node.max) };
    }
    case 'branch':
      return either(node.options.map((option) => widthOf(option, groupWidths)));
    case 'backreference':
      return groupWidths[node.group] ?? NOTHING;
    case 'conditional':
      return either([widthOf(node.yes, groupWidths), node.no === undefined ? NOTHING : widthOf(node.no, groupWidths)]);
  }
}

/** Without the NaN of zero times infinity. */
function times(width: number, count: number): number {
  return width === 0 || count === 0 ? 0 : width * count;
}

function either(widths: readonly Width[]): Width {
  return { low: Math.min(...widths.map((width) => width.low)), high: Math.max(...widths.map((width) => width.high)) };
}
