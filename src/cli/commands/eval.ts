import { readFile } from 'node:fs/promises';
import {
  type ContextVariables,
  createEvaluator,
  dumpJson,
  isDict,
  type Language,
  languageOf,
  parseJsonKeepingFloats,
  printable,
} from '../../expressions/index.ts';
import { messageOf, PetrelError } from '../../model/index.ts';
import type { GlobalOptions } from '../options.ts';
import { reportError } from '../output.ts';

interface EvalOptions extends GlobalOptions {
  readonly context: string;
  readonly language?: Language;
}

/**
 * Evaluates a workflow's expression and prints its value: text as it is, anything else (with `--json` text, too) as JSON. Answers
 * the exit code: 1 when the expression fails, with a mark below the place where it did.
 */
export async function evaluate(expression: string, options: EvalOptions): Promise<number> {
  const variables = await readContext(options.context);
  const language = options.language ?? languageOf(expression);
  if (language === undefined) {
    throw new PetrelError(
      'invalid',
      `"${expression}" holds no expression. Write <% ... %> for YAQL, {{ ... }} for Jinja, or say --language.`,
    );
  }
  try {
    const evaluator = createEvaluator({ now: Date.now, random: Math.random });
    const value = printable(evaluator.evaluateIn(language, expression, { variables }));
    const asText = typeof value === 'string' && options.json !== true;
    process.stdout.write(`${asText ? value : dumpJson(value, { indent: 2, ensureAscii: false })}\n`);
    return 0;
  } catch (error) {
    const code = reportError(error, options.json === true);
    if (options.json !== true) process.stderr.write(mark(error));
    return code;
  }
}

/** Two lines that show where an expression failed; nothing when that is not known or the expression has several lines. */
function mark(error: unknown): string {
  if (!(error instanceof PetrelError)) return '';
  const { expression, position } = error.details;
  if (typeof expression !== 'string' || typeof position !== 'number' || /[\n\t]/.test(expression)) return '';
  return `  ${expression}\n  ${' '.repeat(position)}^\n`;
}

async function readContext(text: string): Promise<ContextVariables> {
  let value: unknown;
  try {
    value = parseJsonKeepingFloats(text.startsWith('@') ? await readFile(text.slice(1), 'utf8') : text);
  } catch (error) {
    throw new PetrelError('invalid', `The context cannot be read: ${messageOf(error)}.`, { cause: error });
  }
  if (!isDict(value)) throw new PetrelError('invalid', 'The context must be a JSON object of variables.');
  return value;
}
