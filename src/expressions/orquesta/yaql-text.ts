import { str } from '../python/index.ts';
import type { Given, Yaql } from '../yaql/index.ts';
import { findYaql, inner } from './delimiters.ts';
import { expressionError, innerOf } from './failure.ts';
import { ENGINE_NAMES, type Scope } from './scope.ts';
import { cut, joined, type MixedText, replaced } from './text.ts';

/**
 * Evaluates a text with YAQL in it. `reevaluate`: texts that come out are read again as texts with expressions, and a value takes
 * the place of its expression wherever that occurs, in other values too. Throws `expressionError`.
 */
export function evaluateYaql(text: string, scope: Scope, yaql: Yaql, reevaluate: boolean): unknown {
  return evaluateCut(cut(text, findYaql(text)), text, scope, yaql, reevaluate);
}

function evaluateCut(mixed: MixedText, text: string, scope: Scope, yaql: Yaql, reevaluate: boolean): unknown {
  const { expressions, isSingle } = mixed;
  const values: string[] = [];
  let output = text;
  for (const expression of expressions) {
    const value = evaluateYaqlExpression(expression, scope, yaql, reevaluate);
    if (isSingle) return value;
    const shown = str(value);
    if (reevaluate) output = replaced(output, expression, shown);
    else values.push(shown);
  }
  return reevaluate ? output : joined(mixed, values);
}

/** Value of one `<% %>`. */
export function evaluateYaqlExpression(expression: string, scope: Scope, yaql: Yaql, reevaluate: boolean): unknown {
  const source = inner(expression, 'yaql');
  try {
    const value = yaql.compile(source).evaluate(given(source, scope));
    return reevaluate && typeof value === 'string' ? evaluateYaql(value, scope, yaql, reevaluate) : value;
  } catch (error) {
    throw failure(expression, source, error);
  }
}

/** The engine's names can be written as variables: `$__vars`. */
function given(source: string, scope: Scope): Given {
  if (!source.includes('$__')) return { host: scope };
  return { host: scope, names: new Map(['__vars', ...ENGINE_NAMES].map((name) => [name, scope.engineName(name)])) };
}

/** Exceptions whose message the original quotes as it is; of others it takes quotes off both ends. */
const QUOTED_WHOLE = /^(?!.*(?:Exception|ValueError|TypeError|UnicodeDecodeError|JSONDecodeError)$)/s;

function failure(expression: string, source: string, error: unknown): unknown {
  const found = innerOf(error);
  if (found === undefined) return error;
  const { kind, reason, position, hint } = found;
  const shown = QUOTED_WHOLE.test(kind) && kind !== 'KeyError' ? reason : reason.replace(/^'+|'+$/g, '');
  const message =
    kind === 'KeyError'
      ? `Unable to resolve key '${shown}' in expression '${expression}' from context.`
      : `Unable to evaluate expression '${expression}'. ${kind}: ${shown}`;
  return expressionError({
    language: 'yaql',
    expression,
    cause: kind,
    message,
    position: position === undefined ? undefined : position + expression.indexOf(source),
    hint,
  });
}
