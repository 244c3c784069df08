import { compilePythonRegex } from '../expressions/index.ts';
import { writtenValue } from './format.ts';

/** A command without the pairs at its end. */
export interface CutCommand {
  /** What is left, with one blank on each side. */
  readonly rest: string;
  /** In the order they were written; a later one wins over an earlier one of the same name. */
  readonly pairs: readonly (readonly [name: string, value: string])[];
}

const VALUE = '(?:""|\'\'|"(?P<double>.+?)"|\'(?P<single>.+?)\'|(?P<braced>\\{.+?\\})|(?P<bare>\\S+))';
const PAIR = `(?:^|\\s+)\\s*(?P<name>\\S+?)\\s*=${VALUE}`;

const pair = compilePythonRegex(PAIR, { dotAll: true });
const ending = compilePythonRegex(`.*?(?P<pairs>(?:${PAIR}\\s*)*)$`, { dotAll: true });

/**
 * Cuts `name=value` pairs off the end of a command. As StackStorm: their text vanishes wherever it stands in the command, a
 * value in braces ends at the first closing one, and blanks may stand before the equals sign.
 */
export function cutPairs(command: string): CutCommand {
  const tail = command.includes('=') ? (ending.match(command)?.named.get('pairs') ?? '') : '';
  if (tail === '') return { rest: ` ${command} `, pairs: [] };
  return {
    rest: ` ${command.replaceAll(tail, '')} `,
    pairs: pair.findAll(tail).map(({ named }) => [named.get('name') ?? '', writtenValue(named)] as const),
  };
}
