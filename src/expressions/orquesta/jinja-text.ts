import { type Jinja, Undefined } from '../jinja/index.ts';
import { str } from '../python/index.ts';
import { findJinja, findRaw, hasBlocks, inner } from './delimiters.ts';
import { expressionError, type Inner, innerOf } from './failure.ts';
import type { ScopeFunctions } from './jinja-functions.ts';
import { cut, joined, type MixedText, replaced } from './text.ts';

/**
 * Evaluates a text with Jinja in it, as Orquesta does: a text with blocks is one template, otherwise each `{{ }}` is an expression
 * of its own. What values hold is never read as a template. Throws `expressionError`.
 */
export function evaluateJinja(text: string, functions: ScopeFunctions, jinja: Jinja): unknown {
  const raws = findRaw(text).map((found) => found.text);
  const held = holdRaw(text, raws);
  if (hasBlocks(held)) return renderText(text, functions, jinja);
  const mixed = cut(held, findJinja(held));
  const values = mixed.expressions.map((expression) => evaluateJinjaExpression(expression, functions, jinja));
  checkResolved(mixed, values, functions);
  if (mixed.isSingle) return values[0];
  const shown = values.map(str);
  return raws.length === 0 ? joined(mixed, shown) : renderRaw(mixed, shown, raws, functions, jinja);
}

/** Numbers in braces stand for raw blocks while expressions are looked for. */
export function holdRaw(text: string, raws: readonly string[]): string {
  return raws.reduce((held, raw, index) => replaced(held, raw, `{${index}}`), text);
}

/** The text of a template with blocks. */
export function renderText(text: string, functions: ScopeFunctions, jinja: Jinja): string {
  try {
    return jinja.compile(text).render(functions);
  } catch (error) {
    throw failure(text, text, error, functions);
  }
}

/** Native value of one `{{ }}`; undefined when its value is undefined. */
export function evaluateJinjaExpression(expression: string, functions: ScopeFunctions, jinja: Jinja): unknown {
  const source = inner(expression, 'jinja');
  try {
    return jinja.compileExpression(source).evaluate(functions, (hint) => functions.noteHint(hint));
  } catch (error) {
    throw failure(expression, source, error, functions);
  }
}

export function unresolved(expressions: readonly string[], functions: ScopeFunctions): unknown {
  const names = expressions.map((expression) => inner(expression, 'jinja'));
  const [, root = ''] = /^(\w+)/.exec(names[0] ?? '') ?? [];
  const [expression = ''] = expressions;
  return expressionError({
    language: 'jinja',
    expression,
    position: expression.indexOf(names[0] ?? ''),
    cause: 'Unresolved',
    message: `There are unresolved variables: ${names.join(', ')}`,
    hint: functions.hintFor(root) ?? functions.hint,
  });
}

function checkResolved(
  { pieces, expressions, isSingle }: MixedText,
  values: readonly unknown[],
  functions: ScopeFunctions,
): void {
  const missing = pieces.flatMap((piece) => {
    if (typeof piece === 'string') return [];
    // Amid text, a lenient undefined value is empty text; alone, it is no value.
    const isMissing = values[piece] === undefined || (isSingle && values[piece] instanceof Undefined);
    return isMissing ? [expressions[piece] ?? ''] : [];
  });
  if (missing.length > 0) throw unresolved(missing, functions);
}

/** The text's own parts are rendered, which gives what its raw blocks hold; values only take their places in the outcome. */
function renderRaw(
  mixed: MixedText,
  values: readonly string[],
  raws: readonly string[],
  functions: ScopeFunctions,
  jinja: Jinja,
): string {
  const text = mixed.pieces.join('') + raws.join('');
  let mark = 0xe000;
  while (text.includes(String.fromCharCode(mark))) mark += 1;
  const sign = String.fromCharCode(mark);
  const template = mixed.pieces
    .map((piece) => {
      if (typeof piece === 'number') return `${sign}${piece}${sign}`;
      return raws.reduce((restored, raw, index) => replaced(restored, `{${index}}`, raw), piece);
    })
    .join('');
  const parts = renderText(template, functions, jinja).split(sign);
  return parts.map((part, index) => (index % 2 === 0 ? part : (values[Number(part)] ?? ''))).join('');
}

export function failure(expression: string, source: string, error: unknown, functions: ScopeFunctions): unknown {
  const found = innerOf(error);
  if (found === undefined) return error;
  const { kind, reason, position, hint } = found;
  const [, undefinedName = ''] = kind === 'UndefinedError' ? (/^'(\w+)' is undefined$/.exec(reason) ?? []) : [];
  return expressionError({
    language: 'jinja',
    expression,
    cause: kind,
    message: `Unable to evaluate expression '${expression}'. ${kind}: ${reason}${firstTokenSuffix(found)}`,
    position: position === undefined ? undefined : position + expression.indexOf(source),
    hint: functions.hintFor(undefinedName) ?? hint,
  });
}

/** The original fails at an expression's first token before it knows its place: Python then prints the line below the message. */
function firstTokenSuffix({ kind, reason, position }: Inner): string {
  return kind === 'TemplateSyntaxError' && position === 0 && /^unexpected (?:char|'[\])}]')/.test(reason)
    ? '\n  line 1'
    : '';
}
