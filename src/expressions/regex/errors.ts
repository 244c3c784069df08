import { PetrelError } from '../../model/index.ts';

/**
 * The error of a pattern or replacement template that does not parse. `reason` has Python's wording; `position` counts
 * code points from 0 and is left out when the reason concerns no single place.
 */
export function patternError(source: string, reason: string, position?: number): PetrelError {
  const place = position === undefined ? '' : ` at position ${position}${lineAndColumn(source, position)}`;
  return new PetrelError(
    'expression',
    `The regular expression ${JSON.stringify(source)} is not valid: ${reason}${place}.`,
    {
      details: { pattern: source, reason, ...(position === undefined ? {} : { position }) },
    },
  );
}

/** The error of a search that was given up. */
export function budgetError(source: string, steps: number, length: number): PetrelError {
  return new PetrelError(
    'expression',
    `The regular expression ${JSON.stringify(source)} was given up after ${steps} steps on a text of ${length} characters. ` +
      'Repetitions inside repetitions, such as (a+)+, are the usual cause: write it without them.',
    { details: { pattern: source, steps, length } },
  );
}

function lineAndColumn(source: string, position: number): string {
  if (!source.includes('\n')) return '';
  const before = Array.from(source).slice(0, position);
  const lastNewline = before.lastIndexOf('\n');
  const line = before.filter((char) => char === '\n').length + 1;
  return ` (line ${line}, column ${position - lastNewline})`;
}

/** Text in quotes as Python's `repr` would choose them. */
export function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}
