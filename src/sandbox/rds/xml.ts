/** What an element can hold: text, fields in the order they are written, a list of equally named elements, or nothing at all. */
export type Xml = string | number | boolean | undefined | XmlList | { readonly [name: string]: Xml };

/** AWS's lists: each item is an element named `item`. Empty lists are written, absent ones are not. */
export class XmlList {
  readonly item: string;
  readonly items: readonly Xml[];
  constructor(item: string, items: readonly Xml[]) {
    this.item = item;
    this.items = items;
  }
}

/** One element with all that is in it; empty when `content` is undefined. */
export function element(name: string, content: Xml, attributes = ''): string {
  if (content === undefined) return '';
  const inner = write(content);
  return inner === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${inner}</${name}>`;
}

function write(content: Exclude<Xml, undefined>): string {
  if (content instanceof XmlList) return content.items.map((item) => element(content.item, item)).join('');
  if (typeof content !== 'object') return escapeText(String(content));
  return Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join('');
}

// Characters XML 1.0 cannot say at all are replaced, as a parser would otherwise refuse the whole answer.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function escapeText(text: string): string {
  return text
    .replace(UNSAYABLE, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
