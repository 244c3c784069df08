import { PythonDate } from './dates.ts';
import { dictEntries, isDict } from './dict.ts';
import { compare } from './equality.ts';
import { PythonError } from './errors.ts';
import { checkText, Visit } from './limits.ts';
import { Float, floatRepr, intRepr } from './numbers.ts';
import { PySet } from './set.ts';
import { characters } from './text.ts';
import { sequenceItems } from './tuple.ts';
import { typeName } from './types.ts';
import { analyze, isBreak, isPrintable } from './yaml-analyze.ts';
import { plainKind } from './yaml-resolve.ts';

export interface YamlOptions {
  /** Spaces per level, 2 to 9; anything else means 2. */
  readonly indent?: number;
  /** Default true: characters beyond ASCII stay as they are, except beyond the basic plane. */
  readonly unicode?: boolean;
}

/**
 * Writes YAML as PyYAML's `safe_dump` with libyaml does: block style, keys sorted, text quoted where it would be read as another
 * type, long text folded at 80 columns, repeated lists and dicts as aliases. Without the document's end mark. Throws PythonError.
 */
export function dumpYaml(value: unknown, options: YamlOptions = {}): string {
  const indent = options.indent ?? 2;
  const emitter = new Emitter(indent > 1 && indent < 10 ? indent : 2, options.unicode !== false, repeatedIn(value));
  emitter.node(value, false, false);
  return `${emitter.out}\n`;
}

const WIDTH = 80;

/** The lists and dicts that occur more than once: the others need no anchor. */
function repeatedIn(value: unknown): ReadonlyMap<object, string> {
  const seen = new Set<object>();
  const names = new Map<object, string>();
  const visit = new Visit();
  const look = (node: unknown): void => {
    const items = sequenceItems(node);
    if (items === undefined && !isDict(node)) return;
    // Neither a scalar nor nothing, as the line above says.
    const container = node as object;
    if (seen.has(container)) {
      if (!names.has(container)) names.set(container, `id${String(names.size + 1).padStart(3, '0')}`);
      return;
    }
    seen.add(container);
    visit.enter();
    if (items !== undefined) items.forEach(look);
    else if (isDict(node)) {
      for (const [key, item] of sortedEntries(node)) {
        look(key);
        look(item);
      }
    }
    visit.leave();
  };
  look(value);
  return names;
}

function sortedEntries(dict: Parameters<typeof dictEntries>[0]): (readonly [unknown, unknown])[] {
  const entries = [...dictEntries(dict)];
  try {
    return entries.sort(([left], [right]) => compare(left, right));
  } catch {
    // As PyYAML: keys that have no order stay as they are.
    return [...dictEntries(dict)];
  }
}

class Emitter {
  out = '';
  private column = 0;
  private indent = -1;
  private whitespace = true;
  /** Whether the line holds nothing yet but indentation and dashes. */
  private indention = true;
  private readonly step: number;
  private readonly unicode: boolean;
  private readonly anchors: ReadonlyMap<object, string>;
  private readonly written = new Set<object>();
  private readonly visit = new Visit();

  constructor(step: number, unicode: boolean, anchors: ReadonlyMap<object, string>) {
    this.step = step;
    this.unicode = unicode;
    this.anchors = anchors;
  }

  private put(text: string): void {
    this.out += text;
    this.column += text.length;
    checkText(this.out.length);
  }

  private indicator(text: string, spaced: boolean, indention = false): void {
    if (spaced && !this.whitespace) this.put(' ');
    this.put(text);
    this.whitespace = false;
    this.indention = this.indention && indention;
  }

  private newLine(): void {
    const indent = Math.max(0, this.indent);
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) {
      this.out += '\n';
      this.column = 0;
    }
    this.put(' '.repeat(Math.max(0, indent - this.column)));
    this.whitespace = true;
    this.indention = true;
  }

  node(value: unknown, inMapping: boolean, simpleKey: boolean): void {
    const scalar = scalarText(value);
    if (scalar !== undefined) {
      // Lines that a scalar is folded into stand one level deeper.
      const outer = this.indent;
      this.indent = Math.max(0, outer) + this.step;
      if (typeof value === 'string') this.text(value, simpleKey);
      else this.plain(characters(scalar), simpleKey);
      this.indent = outer;
      return;
    }
    const container = value as object; // scalars were answered above
    const anchor = this.anchors.get(container);
    if (anchor !== undefined) {
      const known = this.written.has(container);
      this.indicator(`${known ? '*' : '&'}${anchor}`, true);
      if (known) return;
      this.written.add(container);
    }
    this.visit.enter();
    const items = value instanceof PySet ? undefined : sequenceItems(value);
    if (items !== undefined) this.sequence(items, inMapping);
    else
      this.mapping(value instanceof PySet ? [...value].map((item) => [item, null] as const) : entriesOf(value), value);
    this.visit.leave();
  }

  private sequence(items: readonly unknown[], inMapping: boolean): void {
    if (items.length === 0) {
      this.indicator('[', true);
      this.indicator(']', false);
      return;
    }
    const outer = this.indent;
    // Items of a list under a key stand below the key itself.
    if (!(inMapping && !this.indention)) this.deeper();
    for (const item of items) {
      this.newLine();
      this.indicator('-', true, true);
      this.node(item, false, false);
    }
    this.indent = outer;
  }

  private deeper(): void {
    this.indent = this.indent < 0 ? 0 : this.indent + this.step;
  }

  private mapping(entries: readonly (readonly [unknown, unknown])[], value: unknown): void {
    if (value instanceof PySet) this.indicator('!!set', true);
    if (entries.length === 0) {
      this.indicator('{', true);
      this.indicator('}', false);
      return;
    }
    const outer = this.indent;
    this.deeper();
    for (const [key, item] of entries) {
      this.newLine();
      if (this.isSimpleKey(key)) {
        this.node(key, true, true);
        this.indicator(':', false);
      } else {
        this.indicator('?', true, true);
        this.node(key, true, false);
        this.newLine();
        this.indicator(':', true, true);
      }
      this.node(item, true, false);
    }
    this.indent = outer;
  }

  private isSimpleKey(key: unknown): boolean {
    const scalar = scalarText(key);
    return scalar !== undefined && scalar.length <= 128 && !isBreak(scalar);
  }

  private text(value: string, simpleKey: boolean): void {
    const letters = characters(value);
    const { multiline, plain, single } = analyze(letters, this.unicode);
    if (simpleKey && multiline) this.double(letters, simpleKey);
    else if (plain && value !== '' && plainKind(value) === 'str') this.plain(letters, simpleKey);
    else if (single) this.single(letters, simpleKey);
    else this.double(letters, simpleKey);
  }

  private plain(letters: readonly string[], simpleKey: boolean): void {
    if (!this.whitespace && letters.length > 0) this.put(' ');
    this.folded(
      letters,
      simpleKey,
      () => true,
      (letter) => this.put(letter),
    );
    this.whitespace = false;
    this.indention = false;
  }

  /** Writes letters, and breaks the line at a single blank beyond the width. */
  private folded(
    letters: readonly string[],
    simpleKey: boolean,
    mayBreakAt: (index: number) => boolean,
    write: (letter: string) => void,
  ): void {
    let spaces = false;
    letters.forEach((letter, index) => {
      if (letter === ' ') {
        if (!simpleKey && !spaces && this.column > WIDTH && letters[index + 1] !== ' ' && mayBreakAt(index))
          this.newLine();
        else write(letter);
        spaces = true;
      } else {
        write(letter);
        if (!isBreak(letter)) this.indention = false;
        spaces = false;
      }
    });
  }

  private single(letters: readonly string[], simpleKey: boolean): void {
    this.indicator("'", true);
    let breaks = false;
    const inside = (index: number) => index !== 0 && index !== letters.length - 1;
    this.folded(letters, simpleKey, inside, (letter) => {
      if (isBreak(letter)) {
        if (!breaks && letter === '\n') this.out += '\n';
        this.out += letter;
        this.column = 0;
        this.indention = true;
        breaks = true;
        return;
      }
      if (breaks) this.newLine();
      breaks = false;
      this.put(letter === "'" ? "''" : letter);
    });
    if (breaks) this.newLine();
    this.indicator("'", false);
    this.whitespace = false;
    this.indention = false;
  }

  private double(letters: readonly string[], simpleKey: boolean): void {
    this.indicator('"', true);
    let spaces = false;
    letters.forEach((letter, index) => {
      const ascii = letter.charCodeAt(0) < 128;
      if (!isPrintable(letter) || (!this.unicode && !ascii) || isBreak(letter) || letter === '"' || letter === '\\') {
        this.put(escaped(letter));
        spaces = false;
      } else if (letter === ' ') {
        const inside = index !== 0 && index !== letters.length - 1;
        if (!simpleKey && !spaces && this.column > WIDTH && inside) {
          this.newLine();
          if (letters[index + 1] === ' ') this.put('\\');
        } else this.put(letter);
        spaces = true;
      } else {
        this.put(letter);
        spaces = false;
      }
    });
    this.indicator('"', false);
    this.whitespace = false;
    this.indention = false;
  }
}

function entriesOf(value: unknown): (readonly [unknown, unknown])[] {
  if (isDict(value)) return sortedEntries(value);
  throw new PythonError('RepresenterError', `cannot represent an object of type '${typeName(value)}'`);
}

/** The text of a scalar before quoting; undefined for lists and dicts. */
function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return intRepr(value);
    case 'number':
      return Number.isSafeInteger(value) ? intRepr(value) : floatText(value);
    default:
  }
  if (value === null || value === undefined) return 'null';
  if (value instanceof Float) return floatText(value.value);
  return value instanceof PythonDate ? value.iso(' ') : undefined;
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = floatRepr(value);
  return text.includes('.') ? text : text.replace('e', '.0e');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escaped(letter: string): string {
  const short = ESCAPES[letter];
  if (short !== undefined) return `\\${short}`;
  const hex = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase();
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
