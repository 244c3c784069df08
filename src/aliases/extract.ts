import { PetrelError } from '../model/index.ts';
import { type AliasFormat, compileFormat } from './format.ts';
import { cutPairs } from './pairs.ts';

/** Parameters by name. Text, or null for a group of the format's own that took no part. */
export type AliasExtraction = Readonly<Record<string, string | null>>;

export interface ExtractOptions {
  /** Every match in the command counts and not only the first: `match_multiple` of a format. Default false. */
  readonly matchMultiple?: boolean;
}

/**
 * Takes the parameters out of a command: one extraction for each match, none when the command does not match. A format given as text
 * is compiled first. Throws `PetrelError`: `invalid` as `compileFormat`, `expression` when matching was given up.
 */
export function extract(
  format: AliasFormat | string,
  command: string,
  options: ExtractOptions = {},
): readonly AliasExtraction[] {
  const compiled = typeof format === 'string' ? compileFormat(format) : format;
  const { rest, pairs } = cutPairs(command);
  const found = options.matchMultiple === true ? compiled.expression.findAll(rest) : first(compiled, rest);
  const extractions = found.map(({ named }) => ({ ...parametersOf(compiled, named), ...Object.fromEntries(pairs) }));
  // As StackStorm: nothing was said and there are no defaults.
  const isEmpty = (extraction: AliasExtraction) => Object.values(extraction).every((value) => !value);
  return compiled.source !== '' && rest.trim() === '' && extractions.some(isEmpty) ? [] : extractions;
}

function first({ expression }: AliasFormat, text: string) {
  const match = expression.search(text);
  return match === undefined ? [] : [match];
}

function parametersOf({ source, defaults }: AliasFormat, named: ReadonlyMap<string, string | undefined>) {
  const parameters = new Map([...named].map(([name, value]) => [name, value ?? null]));
  for (const [name, fallback] of defaults) {
    const value = parameters.get(name);
    if (value === undefined) {
      throw new PetrelError(
        'invalid',
        `The alias format ${JSON.stringify(source)} is not valid: the default of ${name} must stand on one line.`,
      );
    }
    if (value === null || value === '') parameters.set(name, fallback);
  }
  return Object.fromEntries(parameters);
}
