import { type Jinja, Undefined } from '../jinja/index.ts';
import { str } from '../python/index.ts';
import { findJinja, findRaw, hasBlocks } from './delimiters.ts';
import type { ScopeFunctions } from './jinja-functions.ts';
import { evaluateJinjaExpression, failure, holdRaw, renderText, unresolved } from './jinja-text.ts';
import { replaced } from './text.ts';

/**
 * Evaluates a text with Jinja in it the way StackStorm does (st2#5956): a text that comes out is read again, so data is executed
 * as a template. Only for packs that ask for it with `reevaluate_data`. Throws `expressionError`.
 */
export function reevaluateJinja(text: string, functions: ScopeFunctions, jinja: Jinja): unknown {
  const raws = findRaw(text).map((found) => found.text);
  const output = expand(holdRaw(text, raws), functions, jinja);
  if (typeof output !== 'string') return output;
  const left = findJinja(output).map((found) => found.text);
  if (left.length > 0) throw unresolved(left, functions);
  if (raws.length === 0) return output;
  const restored = raws.reduce((whole, raw, index) => replaced(whole, `{${index}}`, raw), output);
  return renderText(restored, functions, jinja);
}

function expand(text: string, functions: ScopeFunctions, jinja: Jinja): unknown {
  if (hasBlocks(text)) {
    const output = renderText(text, functions, jinja);
    return nested(text, functions, () => expand(output, functions, jinja));
  }
  const expressions = findJinja(text).map((found) => found.text);
  let output = text;
  for (const expression of expressions) {
    const evaluated = evaluateJinjaExpression(expression, functions, jinja);
    if (evaluated === undefined) continue;
    const value =
      typeof evaluated === 'string'
        ? nested(expression, functions, () => expand(evaluated, functions, jinja))
        : evaluated;
    if (expressions.length === 1 && output === expression) {
      if (value instanceof Undefined) throw unresolved([expression], functions);
      return value;
    }
    output = replaced(output, expression, str(value));
  }
  return output;
}

/** What fails in a text that came out is the fault of what it came out of. */
function nested(expression: string, functions: ScopeFunctions, evaluate: () => unknown): unknown {
  try {
    return evaluate();
  } catch (error) {
    throw failure(expression, expression, error, functions);
  }
}
