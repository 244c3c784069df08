import {
  type Arguments,
  compare,
  getItem,
  iterate,
  member,
  PythonFunction,
  PythonObject,
  str,
  Tuple,
  textLength,
  textRepr,
} from '../python/index.ts';

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

  override *iterate(): Generator<unknown> {
    for (const character of this.text) yield new Markup(character);
  }

  override item(key: unknown): unknown {
    return new Markup(str(getItem(this.text, key)));
  }

  override contains(value: unknown): boolean {
    return this.text.includes(str(value));
  }

  override equals(other: unknown): boolean {
    return plain(other) === this.text;
  }

  override compare(other: unknown): number | undefined {
    const text = plain(other);
    return typeof text === 'string' ? compare(this.text, text) : undefined;
  }

  /** Methods escape the text they are given, and what they answer counts as escaped again. */
  override attribute(name: string): unknown {
    const method = member(this.text, name);
    if (!(method instanceof PythonFunction)) return method;
    return new PythonFunction(name, (given: Arguments) => {
      const positional = given.positional.map(name === 'join' ? escapedItems : escapedArgument);
      const keywords =
        given.keywords === undefined
          ? undefined
          : new Map([...given.keywords].map(([key, value]) => [key, escapedArgument(value)] as const));
      return marked(method.call({ positional, keywords }));
    });
  }
}

function escapedArgument(value: unknown): unknown {
  if (value instanceof Markup) return value.text;
  return typeof value === 'string' ? escapeHtml(value) : value;
}

function escapedItems(value: unknown): unknown {
  return [...iterate(value)].map(escapedArgument);
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
