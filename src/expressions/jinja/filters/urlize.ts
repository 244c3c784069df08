import { type Arguments, bind, repr, splitOnSpace, str, toList, truthy } from '../../python/index.ts';
import { escapeHtml } from '../markup.ts';
import { argumentError, indexOf } from './helpers.ts';

const HTTP =
  /^((https?:\/\/|www\.)(([\w%-]+\.)+)?(([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)|(127\.0\.0\.1)|(\d{1,3}(\.\d{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\]))|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil))(?::\d{1,5})?(?:[/?#]\S*)?$/i;
const EMAIL = /^\S+@\w[\w.-]*\.\w+$/;

/** Jinja's `urlize`: web and mail addresses in a text become links. The text is escaped already. */
export function urlize(text: string, given: Arguments): string {
  const [limit, nofollow, target, rel, schemes] = bind('urlize', given, [
    'trim_url_limit',
    'nofollow',
    'target',
    'rel',
    'extra_schemes',
  ]);
  const relations = new Set(splitOnSpace(rel === undefined || rel === null ? '' : str(rel)));
  if (truthy(nofollow)) relations.add('nofollow');
  relations.add('noopener');
  const most = limit === undefined || limit === null ? undefined : indexOf(limit);
  const extra = schemes === undefined || schemes === null ? [] : toList(schemes).map(str);
  for (const scheme of extra) {
    if (!/^[\w.+-]{2,}:\/{0,2}$/.test(scheme)) throw argumentError(`${repr(scheme)} is not a valid URI scheme prefix.`);
  }
  const attributes =
    ` rel="${escapeHtml([...relations].sort().join(' '))}"` +
    (target === undefined || target === null ? '' : ` target="${escapeHtml(str(target))}"`);
  const trim = (url: string): string => (most !== undefined && url.length > most ? `${url.slice(0, most)}...` : url);
  return text
    .split(/(\s+)/)
    .map((word) => linked(word, attributes, trim, extra))
    .join('');
}

function linked(word: string, attributes: string, trim: (url: string) => string, extra: readonly string[]): string {
  const head = /^([(<]|&lt;)+/.exec(word)?.[0] ?? '';
  let middle = word.slice(head.length);
  let tail = '';
  if (/[)>.,\n]$|&gt;$/.test(middle)) {
    const match = /([)>.,\n]|&gt;)+$/.exec(middle);
    if (match !== null) {
      tail = match[0];
      middle = middle.slice(0, match.index);
    }
  }
  // An address may hold balanced parentheses: take back those that were cut off.
  for (const [open, close] of PAIRS) {
    let missing = count(middle, open) - count(middle, close);
    for (; missing > 0 && tail.includes(close); missing -= 1) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  if (HTTP.test(middle)) {
    const address = /^https?:\/\//.test(middle) ? middle : `https://${middle}`;
    middle = `<a href="${address}"${attributes}>${trim(middle)}</a>`;
  } else if (middle.startsWith('mailto:') && EMAIL.test(middle.slice(7))) {
    middle = `<a href="${middle}">${middle.slice(7)}</a>`;
  } else if (
    middle.includes('@') &&
    !middle.startsWith('www.') &&
    !middle.startsWith('@') &&
    !middle.includes(':') &&
    EMAIL.test(middle)
  ) {
    middle = `<a href="mailto:${middle}">${middle}</a>`;
  } else {
    const scheme = extra.find((prefix) => middle !== prefix && middle.startsWith(prefix));
    if (scheme !== undefined) middle = `<a href="${middle}"${attributes}>${trim(middle)}</a>`;
  }
  return head + middle + tail;
}

const PAIRS = [
  ['(', ')'],
  ['<', '>'],
  ['&lt;', '&gt;'],
] as const;

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
