import { type Jinja, toJson } from '../expressions/index.ts';
import { isJsonObject, type Json, type JsonObject, PetrelError } from '../model/index.ts';

/** A text that is one expression and nothing else. */
const WHOLE = /^\s*\{\{((?:(?!\{\{|\}\}).)*)\}\}\s*$/s;

/**
 * Evaluates the templates of a declaration. A text that is one expression gives the expression's value, whatever its type; other
 * texts give text. What comes out is data and never a template again. Throws `PetrelError` (`expression`).
 */
export function evaluateAll(jinja: Jinja, templates: JsonObject, variables: JsonObject): JsonObject {
  const scope = new Map(Object.entries(variables));
  return evaluate(jinja, templates, scope) as JsonObject; // a mapping gives a mapping
}

export function evaluateText(jinja: Jinja, template: string, variables: JsonObject): Json {
  return evaluate(jinja, template, new Map(Object.entries(variables)));
}

function evaluate(jinja: Jinja, value: Json, scope: ReadonlyMap<string, unknown>): Json {
  if (typeof value === 'string') return evaluateLeaf(jinja, value, scope);
  if (Array.isArray(value)) return value.map((item: Json) => evaluate(jinja, item, scope));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, evaluate(jinja, item ?? null, scope)]));
}

function evaluateLeaf(jinja: Jinja, text: string, scope: ReadonlyMap<string, unknown>): Json {
  const expression = WHOLE.exec(text)?.[1];
  if (expression === undefined) {
    return text.includes('{{') || text.includes('{%') ? jinja.compile(text).render(scope) : text;
  }
  const result = jinja.compileExpression(expression).evaluate(scope);
  if (result === undefined) {
    throw new PetrelError('expression', `The template "${text}" gives nothing: a name in it is not defined.`);
  }
  return toJson(result) as Json; // plain JSON
}
