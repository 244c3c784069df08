import {
  compare,
  compareText,
  Dict,
  dictEntries,
  isDict,
  PySet,
  repr,
  sorted,
  splitLines,
  Tuple,
  textLength,
  typeName,
  Visit,
} from '../../python/index.ts';

const WIDTH = 80;

/** Python's `pprint.pformat`: dicts sorted by key, broken into lines where they are wider than 80 characters. */
export function prettyPrint(value: unknown): string {
  return formatted(value, 0, 0, 1, new Visit());
}

function formatted(value: unknown, indent: number, allowance: number, level: number, visit: Visit): string {
  // Every level looks at all that is below it again: `visit` bounds the whole.
  const line = repr(sortedDicts(value, visit));
  if (textLength(line) <= WIDTH - indent - allowance) return line;
  if (typeof value === 'string') return longText(value, indent, allowance, level);
  if (Array.isArray(value)) return `[${items(value, indent + 1, allowance + 1, level, visit)}]`;
  if (value instanceof Tuple) {
    const end = value.items.length === 1 ? ',)' : ')';
    return `(${items(value.items, indent + 1, allowance + end.length, level, visit)}${end}`;
  }
  if (isDict(value)) return `{${entries(value, indent + 1, allowance + 1, level, visit)}}`;
  return line;
}

function items(values: readonly unknown[], indent: number, allowance: number, level: number, visit: Visit): string {
  return values
    .map((value, index) => formatted(value, indent, index === values.length - 1 ? allowance : 1, level + 1, visit))
    .join(`,\n${' '.repeat(indent)}`);
}

function entries(
  dict: Parameters<typeof dictEntries>[0],
  indent: number,
  allowance: number,
  level: number,
  visit: Visit,
): string {
  const ordered = byKey(dict);
  return ordered
    .map(([key, value], index) => {
      const name = repr(key);
      const rest = index === ordered.length - 1 ? allowance : 1;
      return `${name}: ${formatted(value, indent + textLength(name) + 2, rest, level + 1, visit)}`;
    })
    .join(`,\n${' '.repeat(indent)}`);
}

function byKey(dict: Parameters<typeof dictEntries>[0]): [unknown, unknown][] {
  const pairs = [...dictEntries(dict)].map(([key, value]): [unknown, unknown] => [key, value]);
  return pairs.sort(([left], [right]) => {
    try {
      return compare(left, right);
    } catch {
      // As Python: keys that have no order go by the name of their type; then by their print, so that there is one.
      return compareText(typeName(left), typeName(right)) || compareText(repr(left), repr(right));
    }
  });
}

/** The value with its dicts sorted, so that one line prints as Python's pprint does. */
function sortedDicts(value: unknown, visit: Visit): unknown {
  if (typeof value !== 'object' || value === null) return value;
  visit.enter();
  let sortedValue = value;
  if (Array.isArray(value)) sortedValue = value.map((item) => sortedDicts(item, visit));
  else if (value instanceof Tuple) sortedValue = new Tuple(value.items.map((item) => sortedDicts(item, visit)));
  else if (value instanceof PySet) sortedValue = new PySet(sorted(value, (item) => item, false));
  else if (isDict(value)) {
    sortedValue = new Dict(byKey(value).map(([key, item]) => [key, sortedDicts(item, visit)] as const));
  }
  visit.leave();
  return sortedValue;
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
