import { buildCharSet, type CharSet, charSetOf, setHas } from './char-set.ts';
import type { Program } from './program.ts';
import { FLAG, flagsInside, type Node, type Sequence } from './syntax.ts';

/** What every match must begin with; lets a search skip over the places where none can. */
export function analyseStart(body: Sequence, flags: number): Pick<Program, 'prefix' | 'first' | 'anchored'> {
  const prefix = prefixOf(body, flags).text;
  const sets = prefix === '' ? firstOf(body, flags) : undefined;
  return {
    prefix,
    first: sets === undefined || !sets.complete ? undefined : union(sets.sets),
    anchored: isAnchored(body, flags),
  };
}

function isAnchored(sequence: Sequence, flags: number): boolean {
  const [node] = sequence;
  if (node?.kind === 'group') return isAnchored(node.body, flagsInside(flags, node.addFlags, node.removeFlags));
  if (node?.kind !== 'at') return false;
  return node.place === 'text-begin' || (node.place === 'begin' && (flags & FLAG.multiline) === 0);
}

function prefixOf(sequence: Sequence, flags: number): { text: string; whole: boolean } {
  let text = '';
  for (const node of sequence) {
    if (node.kind === 'char' && (flags & FLAG.ignoreCase) === 0) {
      text += String.fromCodePoint(node.code);
      continue;
    }
    if (node.kind !== 'group') return { text, whole: false };
    const inner = prefixOf(node.body, flagsInside(flags, node.addFlags, node.removeFlags));
    text += inner.text;
    if (!inner.whole) return { text, whole: false };
  }
  return { text, whole: true };
}

/** The sets a sequence can begin with; `complete` when it cannot be passed without one of them. */
interface Beginnings {
  readonly sets: readonly CharSet[];
  readonly complete: boolean;
}

/** Undefined: anything may come first. */
function firstOf(sequence: Sequence, flags: number): Beginnings | undefined {
  const sets: CharSet[] = [];
  for (const node of sequence) {
    const beginnings = firstOfNode(node, flags);
    if (beginnings === undefined) return undefined;
    sets.push(...beginnings.sets);
    if (beginnings.complete) return { sets, complete: true };
  }
  return { sets, complete: false };
}

function firstOfNode(node: Node, flags: number): Beginnings | undefined {
  switch (node.kind) {
    case 'char': {
      const set = { negate: false, items: [{ kind: 'range', low: node.code, high: node.code } as const] };
      return { sets: [buildCharSet(set, flags)], complete: true };
    }
    case 'set':
      return { sets: [buildCharSet(node.set, flags)], complete: true };
    case 'at':
    case 'look':
      return { sets: [], complete: false };
    case 'group':
      return firstOf(node.body, flagsInside(flags, node.addFlags, node.removeFlags));
    case 'atomic':
      return firstOf(node.body, flags);
    case 'repeat': {
      if (node.max === 0) return { sets: [], complete: false };
      const body = firstOf(node.body, flags);
      return body === undefined ? undefined : { sets: body.sets, complete: body.complete && node.min > 0 };
    }
    case 'branch': {
      const options = node.options.map((option) => firstOf(option, flags));
      const sets: CharSet[] = [];
      let complete = true;
      for (const option of options) {
        if (option === undefined) return undefined;
        sets.push(...option.sets);
        complete &&= option.complete;
      }
      return { sets, complete };
    }
    case 'any':
    case 'backreference':
    case 'conditional':
      return undefined;
  }
}

function union(sets: readonly CharSet[]): CharSet | undefined {
  const [only] = sets;
  if (sets.length === 1) return only;
  return charSetOf((code) => sets.some((set) => setHas(set, code)));
}
