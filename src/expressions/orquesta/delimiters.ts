import { strip } from '../python/index.ts';

export type Language = 'jinja' | 'yaql';

/** An expression where it stands in a text, delimiters included. */
export interface Found {
  readonly text: string;
  readonly start: number;
}

/** Shortest matches of `open ... close` that do not go across line ends, from left to right. */
function find(text: string, open: string, close: string): Found[] {
  const found: Found[] = [];
  let start = text.indexOf(open);
  while (start >= 0) {
    const end = text.indexOf(close, start + open.length);
    if (end < 0) break;
    const line = text.lastIndexOf('\n', end);
    if (line > start) {
      // Nothing in between closes before that line end either.
      start = text.indexOf(open, line + 1);
      continue;
    }
    found.push({ text: text.slice(start, end + close.length), start });
    start = text.indexOf(open, end + close.length);
  }
  return found;
}

export function findYaql(text: string): Found[] {
  return find(text, '<%', '%>');
}

export function findJinja(text: string): Found[] {
  return find(text, '{{', '}}');
}

export function hasBlocks(text: string): boolean {
  return text.includes('{%') && find(text, '{%', '%}').length > 0;
}

/** `{% raw %}...{% endraw %}` on one line, written exactly so. */
export function findRaw(text: string): Found[] {
  return text.includes('{% raw %}') ? find(text, '{% raw %}', '{% endraw %}') : [];
}

/** What stands between the delimiters. Their characters are taken off both ends one by one, as the original does. */
export function inner(expression: string, language: Language): string {
  const delimiters = language === 'jinja' ? '{}' : '<%>';
  let start = 0;
  let end = expression.length;
  while (start < end && delimiters.includes(expression[start] ?? '')) start += 1;
  while (end > start && delimiters.includes(expression[end - 1] ?? '')) end -= 1;
  return strip(expression.slice(start, end));
}
