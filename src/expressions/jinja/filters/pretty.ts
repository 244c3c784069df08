import {
  compare,
  Dict,
  dictEntries,
  isDict,
  LIMITS,
  PySet,
  PythonError,
  repr,
  sorted,
  splitLines,
  Tuple,
  textLength,
} from '../../python/index.ts';

const WIDTH = 80;

/** Python's `pprint.pformat`: dicts sorted by key, broken into lines where they are wider than 80 characters. */
export function prettyPrint(value: unknown): string {
  return formatted(value, 0, 0, 1);
}

function formatted(value: unknown, indent: number, allowance: number, level: number): string {
  if (level > LIMITS.depth) throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
  const line = repr(sortedDicts(value, 0));
  if (textLength(line) <= WIDTH - indent - allowance) return line;
  if (typeof value === 'string') return longText(value, indent, allowance, level);
  if (Array.isArray(value)) return `[${items(value, indent + 1, allowance + 1, level)}]`;
  if (value instanceof Tuple) {
    const end = value.items.length === 1 ? ',)' : ')';
    return `(${items(value.items, indent + 1, allowance + end.length, level)}${end}`;
  }
  if (isDict(value)) return `{${entries(value, indent + 1, allowance + 1, level)}}`;
  return line;
}

function items(values: readonly unknown[], indent: number, allowance: number, level: number): string {
  return values
    .map((value, index) => formatted(value, indent, index === values.length - 1 ? allowance : 1, level + 1))
    .join(`,\n${' '.repeat(indent)}`);
}

function entries(dict: Parameters<typeof dictEntries>[0], indent: number, allowance: number, level: number): string {
  const ordered = byKey(dict);
  return ordered
    .map(([key, value], index) => {
      const name = repr(key);
      const rest = index === ordered.length - 1 ? allowance : 1;
      return `${name}: ${formatted(value, indent + textLength(name) + 2, rest, level + 1)}`;
    })
    .join(`,\n${' '.repeat(indent)}`);
}

function byKey(dict: Parameters<typeof dictEntries>[0]): [unknown, unknown][] {
  const pairs = [...dictEntries(dict)].map(([key, value]): [unknown, unknown] => [key, value]);
  return pairs.sort(([left], [right]) => {
    try {
      return compare(left, right);
    } catch {
      // Keys of different types have no order: by their print, so that there is one.
      return compare(repr(left), repr(right));
    }
  });
}

/** The value with its dicts sorted, so that one line prints as Python's pprint does. */
function sortedDicts(value: unknown, depth: number): unknown {
  if (depth > LIMITS.depth) throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
  if (Array.isArray(value)) return value.map((item) => sortedDicts(item, depth + 1));
  if (value instanceof Tuple) return new Tuple(value.items.map((item) => sortedDicts(item, depth + 1)));
  if (value instanceof PySet) return new PySet(sorted(value, (item) => item, false));
  if (!isDict(value)) return value;
  return new Dict(byKey(value).map(([key, item]) => [key, sortedDicts(item, depth + 1)] as const));
}

/** Text too wide for a line: adjacent literals, broken after white space and line ends. */
function longText(text: string, indent: number, allowance: number, level: number): string {
  const parts: string[] = [];
  let begin = indent;
  let after = allowance;
  if (level === 1) {
    begin += 1;
    after += 1;
  }
  const lines = splitLines(text, true);
  lines.forEach((line, index) => {
    const lastLine = index === lines.length - 1;
    const room = WIDTH - begin - (lastLine ? after : 0);
    if (textLength(repr(line)) <= room) {
      parts.push(repr(line));
      return;
    }
    const words = line.match(/\S*\s*/g)?.filter((word) => word !== '') ?? [];
    let current = '';
    words.forEach((word, position) => {
      const most = WIDTH - begin - (lastLine && position === words.length - 1 ? after : 0);
      if (current !== '' && textLength(repr(current + word)) > most) {
        parts.push(repr(current));
        current = word;
      } else current += word;
    });
    if (current !== '') parts.push(repr(current));
  });
  if (parts.length === 1) return parts[0] ?? '';
  const joined = parts.join(`\n${' '.repeat(begin)}`);
  return level === 1 ? `(${joined})` : joined;
}
