import type { Jinja } from '../../expressions/index.ts';
import { isJsonObject, type Json, PetrelError } from '../../model/index.ts';
import { hasTemplate } from './schemas.ts';

/** A text that is nothing but a name in braces without blanks: stands for the value itself (StackStorm's own pattern). */
const BARE = /^\{\{([A-z0-9_-]+)\}\}$/;

/**
 * Renders the templates inside a list or an object.
 *
 * StackStorm writes the whole value as JSON, renders that as one template and parses what comes out, so a value with quotes in it
 * breaks the document or, worse, adds members to it. Here every text is rendered on its own, as the JSON string it is inside the
 * document. For values that stay inside their string that is the same: what `json_escape` wrote is unescaped again, a backslash
 * or a quote that is not escaped is an error, `"{{name}}"` keeps the type of `name`. What differs is only what could break out: it
 * is an error or stays text. A block tag that spans several texts does not work here.
 *
 * Throws `PetrelError` (`expression`, `invalid`).
 */
export function renderStructure(value: Json, jinja: Jinja, variables: ReadonlyMap<string, unknown>): Json {
  if (typeof value === 'string') return renderLeaf(value, jinja, variables);
  if (Array.isArray(value)) return value.map((item) => renderStructure(item, jinja, variables));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, item], index): [string, Json] => [
    renderKey(key, index, jinja, variables),
    renderStructure(item ?? null, jinja, variables),
  ]);
  return Object.fromEntries(entries);
}

function renderKey(key: string, index: number, jinja: Jinja, variables: ReadonlyMap<string, unknown>): string {
  // In the document the braces of a first key and of the object run together, and that is no template.
  if (index === 0 && BARE.test(key)) {
    throw new PetrelError('invalid', `the key "${key}" of an object needs blanks inside its braces: "{{ ... }}"`);
  }
  const rendered = renderLeaf(key, jinja, variables);
  if (typeof rendered === 'string') return rendered;
  throw new PetrelError('invalid', `the key "${key}" of an object is no text after rendering`);
}

function renderLeaf(text: string, jinja: Jinja, variables: ReadonlyMap<string, unknown>): Json {
  if (!hasTemplate(text) && !text.includes('{#')) return text;
  const name = BARE.exec(text)?.[1];
  const source = name === undefined ? JSON.stringify(text) : `{{${name} | to_complex}}`;
  const rendered = jinja.compile(source).render(variables);
  try {
    return JSON.parse(rendered) as Json; // what JSON.parse answers is JSON
  } catch (cause) {
    throw new PetrelError(
      'invalid',
      `the text that "${text}" gives does not fit into JSON; use the filter json_escape on what is inserted into a list or an object`,
      { cause },
    );
  }
}
