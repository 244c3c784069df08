import { PetrelError } from '../../model/index.ts';
import type { Language } from './delimiters.ts';

/** An expression that failed, in Orquesta's words and with what helps its author further. */
export interface Failure {
  readonly language: Language;
  /** The expression, delimiters included; of a template with blocks, the whole text. */
  readonly expression: string;
  /** Name of the exception inside; `Unresolved` for values that are undefined. */
  readonly cause: string;
  /** Orquesta's message. */
  readonly message: string;
  /** Where in the expression, in characters from 0, if that is known. */
  readonly position?: number | undefined;
  /** A known name that is close, as a sentence. */
  readonly hint?: string | undefined;
}

const EXCEPTIONS = { jinja: 'JinjaEvaluationException', yaql: 'YaqlEvaluationException' } as const;

/**
 * The error of an expression. Its message is for authors; `details.exception` and `details.reason` are the class and the message
 * Orquesta puts into a workflow's errors, `details.kind` is the name of the exception inside.
 */
export function expressionError({ language, expression, cause, message, position, hint }: Failure): PetrelError {
  const exception = EXCEPTIONS[language];
  const stop = /[.!?]$/.test(message) ? '' : '.';
  const where = position === undefined ? '' : ` (At position ${position}.)`;
  return new PetrelError(
    'expression',
    `${exception}: ${message}${stop}${where}${hint === undefined ? '' : ` ${hint}`}`,
    {
      details: {
        language,
        expression,
        exception,
        kind: cause,
        reason: message,
        ...(position !== undefined && { position }),
        ...(hint !== undefined && { hint }),
      },
    },
  );
}

/** What was thrown inside an expression, as far as it is the expression's fault. */
export interface Inner {
  readonly kind: string;
  readonly reason: string;
  /** In characters from 0 of the text that was evaluated. */
  readonly position: number | undefined;
  readonly hint: string | undefined;
}

/** Undefined for anything that is no failed expression: it must pass (`MissingInput`, a programming error). */
export function innerOf(error: unknown): Inner | undefined {
  if (!(error instanceof PetrelError) || error.code !== 'expression') return undefined;
  const { kind, reason, exception, position, hint } = error.details;
  if (typeof kind !== 'string' || typeof reason !== 'string') return undefined;
  return {
    // An expression that a result brought in failed: its exception is the cause of this one's.
    kind: typeof exception === 'string' ? exception : kind,
    reason,
    position: typeof position === 'number' ? position : undefined,
    hint: typeof hint === 'string' ? hint : undefined,
  };
}
