import {
  asIndex,
  bind,
  dictEntries,
  dumpJson,
  isDict,
  repr,
  truthy,
  typeError,
  typeName,
  valueError,
} from '../../python/index.ts';
import type { Filter } from '../environment.ts';
import { stripTags } from '../html-text.ts';
import { escapeHtml, escapeValue, Markup, plain } from '../markup.ts';
import { Undefined } from '../undefined.ts';
import { noAttribute, softText } from './helpers.ts';
import { prettyPrint } from './pretty.ts';
import { urlize } from './urlize.ts';

const tojson: Filter = (_run, value, given) => {
  const [indent = null] = bind('tojson', given, ['indent']);
  const text = dumpJson(value, { indent: indentation(value, indent), sortKeys: true, as: plain });
  return new Markup(
    text.replace(/[<>&']/g, (character) => `\\u00${character.charCodeAt(0).toString(16).padStart(2, '0')}`),
  );
};

/** As Python, which needs the indent only where there is something to break into lines. */
function indentation(value: unknown, indent: unknown): number | string | null {
  if (indent === null || typeof value !== 'object' || value === null) return null;
  const given = plain(indent);
  if (typeof given === 'string') return given;
  return asIndex(given, `can't multiply sequence by non-int of type '${typeName(given)}'`);
}

const xmlattr: Filter = (run, value, given) => {
  const [autospace = true] = bind('xmlattr', given, ['autospace']);
  if (!isDict(value)) throw noAttribute(value, 'items');
  const attributes: string[] = [];
  for (const [key, item] of dictEntries(value)) {
    run.spend(1);
    if (item === null || item instanceof Undefined) continue;
    const name = plain(key);
    if (typeof name !== 'string') throw typeError(`expected string or bytes-like object, got '${typeName(key)}'`);
    if (/[\t\n\v\f\r />=]/.test(name)) throw valueError(`Invalid character in attribute name: ${repr(name)}`);
    attributes.push(`${escapeValue(key).text}="${escapeValue(item).text}"`);
  }
  const joined = attributes.join(' ');
  const text = truthy(autospace) && joined !== '' ? ` ${joined}` : joined;
  return run.escaping ? new Markup(text) : text;
};

/** Jinja's filters that make or read HTML and JSON for pages. */
export const HTML_FILTERS: Readonly<Record<string, Filter>> = {
  e: (_run, value) => escapeValue(value),
  escape: (_run, value) => escapeValue(value),
  forceescape: (_run, value) => new Markup(escapeHtml(softText(value))),
  pprint: (_run, value) => prettyPrint(value),
  safe: (_run, value) => new Markup(softText(value)),
  striptags: (_run, value) => stripTags(softText(value)),
  tojson,
  urlize: (run, value, given) => {
    const text = urlize(escapeValue(value).text, given);
    return run.escaping ? new Markup(text) : text;
  },
  xmlattr,
};
