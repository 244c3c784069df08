import {
  bind,
  dictEntries,
  dumpJson,
  isDict,
  repr,
  splitOnSpace,
  str,
  typeError,
  typeName,
  valueError,
} from '../../python/index.ts';
import type { Filter } from '../environment.ts';
import { escapeHtml, escapeValue, Markup } from '../markup.ts';
import { Undefined } from '../undefined.ts';
import { softText } from './helpers.ts';
import { prettyPrint } from './pretty.ts';
import { urlize } from './urlize.ts';

const tojson: Filter = (_run, value, given) => {
  const [indent = null] = bind('tojson', given, ['indent']);
  const text = dumpJson(value, {
    indent: typeof indent === 'number' || typeof indent === 'string' ? indent : null,
    sortKeys: true,
  });
  return new Markup(
    text.replace(/[<>&']/g, (character) => `\\u00${character.charCodeAt(0).toString(16).padStart(2, '0')}`),
  );
};

const xmlattr: Filter = (run, value, given) => {
  const [autospace = true] = bind('xmlattr', given, ['autospace']);
  if (value instanceof Undefined) throw value.fail();
  if (!isDict(value)) throw typeError(`'${typeName(value)}' object has no attribute 'items'`);
  const attributes: string[] = [];
  for (const [key, item] of dictEntries(value)) {
    run.spend(1);
    if (item === null || item instanceof Undefined) continue;
    const name = str(key);
    if (/[\t\n\v\f\r />=]/.test(name)) throw valueError(`Invalid character in attribute name: ${repr(name)}`);
    attributes.push(`${escapeHtml(name)}="${escapeValue(item).text}"`);
  }
  const text = attributes.join(' ');
  return autospace === true && text !== '' ? ` ${text}` : text;
};

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  copy: '©',
  gt: '>',
  hellip: '…',
  laquo: '«',
  ldquo: '“',
  lsquo: '‘',
  lt: '<',
  mdash: '—',
  nbsp: '\u00a0',
  ndash: '–',
  quot: '"',
  raquo: '»',
  rdquo: '”',
  reg: '®',
  rsquo: '’',
};

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? whole) : whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}

const striptags: Filter = (_run, value) => {
  const text = softText(value)
    .replace(/<!--.*?-->/gs, '')
    .replace(/<[^>]*>/g, '');
  return unescapeHtml(splitOnSpace(text).join(' '));
};

/** Jinja's filters that make or read HTML and JSON for pages. */
export const HTML_FILTERS: Readonly<Record<string, Filter>> = {
  e: (_run, value) => escapeValue(value),
  escape: (_run, value) => escapeValue(value),
  forceescape: (_run, value) => new Markup(escapeHtml(softText(value))),
  pprint: (_run, value) => prettyPrint(value),
  safe: (_run, value) => new Markup(softText(value)),
  striptags,
  tojson,
  urlize: (_run, value, given) => urlize(softText(value), given),
  xmlattr,
};
