import { MissingInput, str } from '../../expressions/index.ts';
import { isJsonObject, type Json, type JsonObject, messageOf } from '../../model/index.ts';
import type { Templates, Variables } from '../templates.ts';

/** Text that rendering cannot change. Line ends count as template: Jinja makes them one kind, and drops the last one. */
const PLAIN = /^[^{\r\n]*$/;

const TEMPLATE = /\{[{%#]/;

/** A value that could not be rendered: which one, its source as Python prints it, and Jinja's reason. */
export class RenderFailure extends Error {
  readonly key: string;
  readonly source: string;
  readonly reason: string;
  /** The text was rendered, but is no JSON any more. StackStorm stumbles over this one: it ends the chain at once. */
  readonly isBroken: boolean;

  constructor(key: string, value: Json, reason: string, isBroken = false) {
    super(reason);
    this.name = 'RenderFailure';
    this.key = key;
    this.source = str(value);
    this.reason = reason;
    this.isBroken = isBroken;
  }
}

/**
 * Renders a mapping value by value (action-chain.md, section 4): what rendering leaves unchanged keeps its type, what it
 * changes is text; lists and mappings are rendered in their JSON form and parsed back. `variables` is asked for once something is a template. Throws `RenderFailure`.
 */
export function renderValues(
  values: JsonObject,
  variables: () => Variables,
  templates: Pick<Templates, 'render'>,
): JsonObject {
  const entries = Object.entries(values).map(([key, value = null]): [string, Json] => [
    key,
    renderValue(key, value, variables, templates),
  ]);
  return Object.fromEntries(entries);
}

function renderValue(key: string, value: Json, variables: () => Variables, templates: Pick<Templates, 'render'>): Json {
  // Numbers, booleans and null hold no template, so they come back as they are.
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (typeof value === 'string' ? PLAIN.test(text) : !TEMPLATE.test(text)) return value;
  const rendered = attempt(
    () => templates.render(text, variables()),
    (reason) => {
      throw new RenderFailure(key, value, reason);
    },
  );
  if (rendered === text) return value;
  if (typeof value === 'string') return rendered;
  return structured(key, value, rendered, (source) => templates.render(source, variables()));
}

/**
 * A list or mapping is one template to StackStorm, in its JSON form, so that text which is inserted can end a string and add
 * members of its own. Here such a result is not taken: where the shape is not that of the definition, each text is rendered
 * for itself. A document that is no JSON any more is an error, as there.
 */
function structured(key: string, value: Json, rendered: string, render: (text: string) => string): Json {
  const parsed = attempt(
    () => JSON.parse(rendered) as Json, // what JSON.parse answers is JSON
    (reason) => {
      const why = `the rendered text is no JSON (${reason}); use the filter json_escape on text that is inserted into a list or an object`;
      throw new RenderFailure(key, value, why, true);
    },
  );
  if (isSameShape(parsed, value)) return parsed;
  // A block that spans several texts cannot be rendered piece by piece; then the shape is the author's own doing.
  return attempt(
    () => renderLeaves(value, render),
    () => parsed,
  );
}

function isSameShape(left: Json, right: Json): boolean {
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => isSameShape(item, right[index] ?? null));
  }
  if (isJsonObject(left) || isJsonObject(right)) {
    if (!isJsonObject(left) || !isJsonObject(right)) return false;
    const [values, others] = [Object.values(left), Object.values(right)];
    return (
      values.length === others.length && values.every((item, index) => isSameShape(item ?? null, others[index] ?? null))
    );
  }
  return typeof left === typeof right;
}

function renderLeaves(value: Json, render: (text: string) => string): Json {
  if (typeof value === 'string') return render(value);
  if (Array.isArray(value)) return value.map((item) => renderLeaves(item, render));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [render(key), renderLeaves(item ?? null, render)]),
  );
}

function attempt<T>(work: () => T, otherwise: (reason: string) => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MissingInput) throw error;
    return otherwise(messageOf(error));
  }
}
