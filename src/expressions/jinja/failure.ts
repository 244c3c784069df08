import { PetrelError } from '../../model/index.ts';
import { closest } from '../closest.ts';
import { dictKeys, isDict, PythonError } from '../python/index.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import { UndefinedError } from './undefined.ts';

/** Where in a text, counted from 1. */
function place(source: string, position: number): { line: number; column: number } {
  const before = source.slice(0, position);
  return { line: before.split('\n').length, column: position - before.lastIndexOf('\n') };
}

function shortened(source: string): string {
  const line = source.replaceAll('\n', '\\n');
  return line.length > 120 ? `${line.slice(0, 120)}...` : line;
}

/**
 * The error of a template as its author sees it: what it is, where it went wrong, why. `details.reason` is Jinja's own text and
 * `details.kind` the name of its exception.
 */
export function failure(source: string, position: number, kind: string, reason: string, hint = ''): PetrelError {
  const { line, column } = place(source, position);
  const stop = /[.!?]$/.test(reason) || reason === '' ? '' : '.';
  return new PetrelError(
    'expression',
    `The Jinja template "${shortened(source)}" failed at line ${line}, column ${column}: ${kind}: ${reason}${stop}${hint}`,
    {
      details: {
        language: 'jinja',
        expression: shortened(source),
        line,
        column,
        position: [...source.slice(0, position)].length,
        kind,
        reason,
        ...(hint !== '' && { hint: hint.trim() }),
      },
    },
  );
}

export function syntaxFailure(source: string, error: TemplateSyntaxError): PetrelError {
  return failure(source, error.position, error.kind, error.message, error.hint);
}

/**
 * Turns what evaluation threw into what callers see. A stack that ran out, or a text or list beyond what JavaScript holds, is the
 * template's fault as well. Anything else
 * (`MissingInput`, a programming error) passes untouched.
 */
export function evaluationFailure(source: string, position: number, error: unknown, known: Iterable<string>): unknown {
  if (error instanceof PythonError) return failure(source, position, error.kind, error.message, hintFor(error, known));
  if (error instanceof TemplateSyntaxError) return syntaxFailure(source, error);
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return failure(source, position, 'RecursionError', 'maximum recursion depth exceeded');
  }
  if (error instanceof RangeError && /invalid (?:string|array) length/i.test(error.message)) {
    return failure(source, position, 'MemoryError', 'the text or list is too long');
  }
  return error;
}

/** A name close to the one that was not found: among the keys of what was looked into, else among the variables. */
export function hintFor(error: PythonError, variables: Iterable<string>): string {
  if (error.hint !== undefined) return error.hint;
  if (!(error instanceof UndefinedError)) return '';
  const { of, name, hint } = error.origin;
  if (hint !== undefined || typeof name !== 'string') return '';
  if (of === undefined) return closest(name, variables);
  return isDict(of.value) ? closest(name, texts(dictKeys(of.value))) : '';
}

function* texts(values: Iterable<unknown>): Generator<string> {
  for (const value of values) if (typeof value === 'string') yield value;
}
