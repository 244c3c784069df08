import { isDeepStrictEqual } from 'node:util';
import { parsePythonRegex, type RegexNode } from '../expressions/index.ts';

/** Which ends of a text an expression is tied to, as StackStorm finds out. */
export interface Anchors {
  readonly start: boolean;
  readonly end: boolean;
}

/**
 * Looks for `^`/`\A` and `$`/`\Z` at any place of an expression, in groups too. As StackStorm, which reads the parse tree of
 * Python's `re`: of alternatives only the second is examined (what all of them begin with stands before them), and neither
 * repetitions nor lookarounds are looked into. Throws `PetrelError` (`expression`) when the expression does not parse.
 */
export function anchorsOf(expression: string): Anchors {
  const body = parsePythonRegex(expression, { dotAll: true });
  return { start: has(body, ['begin', 'text-begin']), end: has(body, ['end', 'text-end']) };
}

function has(sequence: readonly RegexNode[], places: readonly string[]): boolean {
  return ungrouped(sequence).some((node) => {
    if (node.kind === 'at') return places.includes(node.place);
    if (node.kind === 'group') return has(node.body, places);
    if (node.kind !== 'branch') return false;
    const options = node.options.map(ungrouped);
    const common = commonLength(options);
    return has(options[0]?.slice(0, common) ?? [], places) || has(options[1]?.slice(common) ?? [], places);
  });
}

/** Python's parser takes groups apart that neither capture nor set flags. */
function ungrouped(sequence: readonly RegexNode[]): readonly RegexNode[] {
  return sequence.flatMap((node) =>
    node.kind === 'group' && node.index === undefined && node.addFlags === 0 && node.removeFlags === 0
      ? ungrouped(node.body)
      : [node],
  );
}

/** How many nodes all alternatives begin with. */
function commonLength(options: readonly (readonly RegexNode[])[]): number {
  const [first = [], ...others] = options;
  const different = first.findIndex((node, index) => !others.every((other) => isDeepStrictEqual(other[index], node)));
  return different < 0 ? first.length : different;
}
