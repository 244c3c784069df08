import { PetrelError } from '../../model/index.ts';
import { closest } from '../closest.ts';
import { dictKeys, PythonError } from '../python/index.ts';
import type { Context } from './context.ts';
import { ResolutionError } from './failures.ts';
import type { Library } from './levels.ts';
import { KeyError } from './property.ts';
import { codePointsBefore, YaqlSyntaxError } from './syntax/errors.ts';

const SHOWN = 200;

/**
 * The error of an expression as its author sees it. `details.kind` is the name of the original's exception, `details.reason` its
 * message, `details.position` where it went wrong (code points from 0), `details.hint` a known name that is close, if any.
 */
export function yaqlFailure(expression: string, at: number, kind: string, reason: string, hint = ''): PetrelError {
  const position = codePointsBefore(expression, at);
  const shown = expression.length > SHOWN ? `${expression.slice(0, SHOWN)}...` : expression;
  const stop = /[.!?]$/.test(reason) ? '' : '.';
  const more = hint === '' ? '' : ` ${hint.trim()}`;
  return new PetrelError(
    'expression',
    `The YAQL expression "${shown}" failed at position ${position}: ${kind}: ${reason}${stop}${more}`,
    {
      details: { language: 'yaql', expression, position, kind, reason, ...(hint === '' ? {} : { hint: hint.trim() }) },
    },
  );
}

/** Turns what parsing threw into what callers see. Anything unknown passes untouched. */
export function parseFailure(expression: string, error: unknown): unknown {
  if (error instanceof YaqlSyntaxError)
    return yaqlFailure(expression, error.position, error.kind, error.message, error.hint);
  if (error instanceof PythonError) return yaqlFailure(expression, 0, error.kind, error.message);
  return stackFailure(expression, 0, error) ?? error;
}

/** Turns what evaluation threw into what callers see. Anything unknown (`MissingInput`, a programming error) passes untouched. */
export function evaluationFailure(expression: string, error: unknown, context: Context, library: Library): unknown {
  const { position } = context.run;
  if (error instanceof PythonError) {
    return yaqlFailure(expression, position, error.kind, error.message, hintFor(error, context, library));
  }
  return stackFailure(expression, position, error) ?? error;
}

/** A stack that ran out, or a text or list beyond what JavaScript holds, is the expression's fault. */
function stackFailure(expression: string, position: number, error: unknown): PetrelError | undefined {
  if (!(error instanceof RangeError)) return undefined;
  if (/call stack/i.test(error.message)) {
    return yaqlFailure(expression, position, 'RecursionError', 'maximum recursion depth exceeded');
  }
  if (!/invalid (?:string|array) length/i.test(error.message)) return undefined;
  return yaqlFailure(expression, position, 'MemoryError', 'the text or list is too long');
}

function hintFor(error: PythonError, context: Context, library: Library): string {
  if (error.hint !== undefined) return error.hint;
  if (error instanceof KeyError) return typeof error.key === 'string' ? closest(error.key, texts(error.within)) : '';
  if (!(error instanceof ResolutionError) || error.unknown === undefined) return '';
  const own = error.unknown === 'function' ? context.definedNames() : [];
  return closest(error.calledName, [...own, ...library.names(error.unknown)]);
}

function* texts(dict: KeyError['within']): Generator<string> {
  for (const key of dictKeys(dict)) if (typeof key === 'string') yield key;
}
