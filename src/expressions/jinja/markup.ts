import {
  type Arguments,
  characters,
  compare,
  contains,
  getItem,
  iterate,
  member,
  PythonFunction,
  PythonObject,
  str,
  Tuple,
  textLength,
  textRepr,
  typeError,
} from '../python/index.ts';
import { stripTags, unescapeHtml } from './html-text.ts';

/**
 * Text that counts as escaped: what `escape`, `safe`, `tojson` answer. It prints as it is; text joined to it is escaped first.
 * Everywhere else it is its text.
 */
export class Markup extends PythonObject {
  readonly typeName = 'Markup';
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override str(): string {
    return this.text;
  }

  override repr(): string {
    return `Markup(${textRepr(this.text)})`;
  }

  override length(): number {
    return textLength(this.text);
  }

  /** Single characters are plain text again. */
  override iterate(): Iterator<unknown> {
    return characters(this.text)[Symbol.iterator]();
  }

  override item(key: unknown): unknown {
    return new Markup(str(getItem(this.text, key)));
  }

  override contains(value: unknown): boolean {
    return contains(this.text, plain(value));
  }

  override equals(other: unknown): boolean {
    if (other instanceof PythonObject && !(other instanceof Markup)) return other.equals(this.text);
    return plain(other) === this.text;
  }

  override compare(other: unknown): number | undefined {
    const text = plain(other);
    return typeof text === 'string' ? compare(this.text, text) : undefined;
  }

  override number(): unknown {
    return this.text;
  }

  override attribute(name: string): unknown {
    const own = METHODS[name];
    if (own !== undefined && Object.hasOwn(METHODS, name)) {
      return new MarkupMethod(name, this, (given) => own(this.text, given));
    }
    const method = member(this.text, name);
    if (!(method instanceof PythonFunction)) return method;
    if (SPLITTING.has(name)) return new MarkupMethod(name, this, (given) => marked(method.call(given)));
    if (!ESCAPING.has(name)) return new MarkupMethod(name, this, (given) => method.call(plainArguments(given)));
    return new MarkupMethod(name, this, (given) => marked(method.call(escapedArguments(given))));
  }
}

/** Methods whose text arguments are escaped, and whose answer counts as escaped. All others are those of plain text. */
const ESCAPING = new Set(
  'capitalize title lower upper replace ljust rjust lstrip rstrip center strip translate expandtabs swapcase zfill'.split(
    ' ',
  ),
);
/** Methods that answer parts of the text. */
const SPLITTING = new Set(['split', 'rsplit', 'splitlines']);

const METHODS: Readonly<Record<string, (text: string, given: Arguments) => unknown>> = {
  escape: (_text, given) => escapeValue(given.positional[0]),
  join: (text, given) => {
    if (given.positional.length !== 1) throw typeError('join() takes exactly one argument');
    const parts = [...iterate(given.positional[0])].map((item) => escapeValue(item).text);
    return new Markup(str(callMethod(text, 'join', parts)));
  },
  partition: (text, given) => marked(callMethod(text, 'partition', escapeValue(given.positional[0]).text)),
  rpartition: (text, given) => marked(callMethod(text, 'rpartition', escapeValue(given.positional[0]).text)),
  striptags: (text) => stripTags(text),
  unescape: (text) => unescapeHtml(text),
};

class MarkupMethod extends PythonFunction {
  override readonly typeName = 'method';
  private readonly of: Markup;

  constructor(name: string, of: Markup, body: (given: Arguments) => unknown) {
    super(name, body);
    this.of = of;
  }

  override repr(): string {
    return `<bound method str.${this.name} of ${this.of.repr()}>`;
  }
}

function callMethod(text: string, name: string, argument: unknown): unknown {
  const method = member(text, name);
  if (!(method instanceof PythonFunction)) throw typeError(`no method ${name}`);
  return method.call({ positional: [argument], keywords: undefined });
}

/** Arguments with every text escaped. */
function escapedArguments(given: Arguments): Arguments {
  return changedArguments(given, (value) => (typeof value === 'string' ? escapeHtml(value) : plain(value)));
}

export function plainArguments(given: Arguments): Arguments {
  return changedArguments(given, plain);
}

function changedArguments({ positional, keywords }: Arguments, change: (value: unknown) => unknown): Arguments {
  return {
    positional: positional.map(change),
    keywords: keywords === undefined ? undefined : new Map([...keywords].map(([key, value]) => [key, change(value)])),
  };
}

function marked(value: unknown): unknown {
  if (typeof value === 'string') return new Markup(value);
  if (Array.isArray(value)) return value.map(marked);
  if (value instanceof Tuple) return new Tuple(value.items.map(marked));
  return value;
}

/** The text of marked text; any other value as it is. */
export function plain(value: unknown): unknown {
  return value instanceof Markup ? value.text : value;
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>'"]/g, (character) => HTML[character] ?? character);
}

/** Jinja's `escape`: text that counts as escaped already stays. */
export function escapeValue(value: unknown): Markup {
  return value instanceof Markup ? value : new Markup(escapeHtml(str(value)));
}
