import { PythonError, PythonObject, Slice, str } from '../python/index.ts';

/**
 * What `st2kv.system.some.key` is: not text but a lookup. Printing it gives the stored text, or nothing when there is no such key;
 * every attribute appends to the key with a dot; it is true, equal to nothing but itself, and has no length.
 */
export class KeyLookup extends PythonObject {
  readonly typeName: string = 'KeyValueLookup';
  /** The key read so far; undefined at the scope itself. */
  readonly name: string | undefined;
  private readonly read: (name: string) => string | undefined;

  constructor(read: (name: string) => string | undefined, name?: string) {
    super();
    this.read = read;
    this.name = name;
  }

  /** The stored text, undefined when there is no such key. */
  value(): string | undefined {
    return this.name === undefined ? undefined : this.read(this.name);
  }

  override str(): string {
    return this.value() ?? '';
  }

  override repr(): string {
    return `<${this.typeName} ${this.name ?? ''}>`;
  }

  override truth(): boolean {
    return true;
  }

  override attribute(name: string): unknown {
    return this.item(name);
  }

  override item(key: unknown): unknown {
    if (key instanceof Slice) throw new PythonError('TypeError', 'a datastore key cannot be sliced');
    const part = str(key);
    return new KeyLookup(this.read, this.name === undefined ? part : `${this.name}.${part}`);
  }

  /** StackStorm's lookup answers any index and so never ends; here it is an error. */
  override iterate(): Iterator<unknown> {
    throw new PythonError(
      'TypeError',
      'a datastore key cannot be iterated; turn its text into a list first, as in `| from_json_string` or `| string`',
    );
  }

  override contains(): boolean {
    this.iterate();
    return false;
  }
}

/** Reads a stored key: its text (ciphertext of a secret), undefined when there is none. May throw `MissingInput`. */
export type ReadKey = (scope: 'system' | 'user', name: string) => string | undefined;

/** The template variable `st2kv`. `user` is whose keys `st2kv.user` reads; stored names of the user scope are `user:name`. */
export function keyLookups(
  key: ReadKey,
  options: { readonly user?: string } = {},
): { system: KeyLookup; user: KeyLookup } {
  const user = options.user ?? 'stanley';
  return {
    system: keyLookup((name) => key('system', name)),
    user: keyLookup((name) => key('user', `${user}:${name}`)),
  };
}

/** A lookup of one scope. */
export function keyLookup(read: (name: string) => string | undefined): KeyLookup {
  return new KeyLookup(read);
}
