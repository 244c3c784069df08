import { invalidValue, RdsError } from './errors.ts';

/** The form of one Query API call. Remembers what was read, so that what nobody read can be refused instead of ignored. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;
  readonly #read = new Set(['Action', 'Version']);

  constructor(form: URLSearchParams) {
    this.#values = new Map(form);
  }

  text(name: string): string | undefined {
    this.#read.add(name);
    return this.#values.get(name);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') {
      throw new RdsError('MissingParameter', `The request must contain the parameter ${name}.`);
    }
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,9}$/.test(value)) throw invalidValue(`Invalid value ${value} for ${name}. Must be an integer.`);
    return Number(value);
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false')
      throw invalidValue(`Invalid value ${value} for ${name}. Must be true or false.`);
    return value === 'true';
  }

  /** A list: `Name.Item.1`, `Name.Item.2` ...; older clients write `member` for every item's name. */
  list(name: string, item: string): string[] {
    return this.#items(name, item).map((prefix) => this.text(prefix) ?? '');
  }

  /** A list of tags: `Tags.Tag.1.Key`, `Tags.Tag.1.Value` ... */
  tags(): Map<string, string> {
    const tags = this.#items('Tags', 'Tag').map((prefix): [string, string] => [
      this.required(`${prefix}.Key`),
      this.text(`${prefix}.Value`) ?? '',
    ]);
    return new Map(tags);
  }

  /** `Filters.Filter.1.Name`, `Filters.Filter.1.Values.Value.1` ... */
  filters(): { name: string; values: string[] }[] {
    return this.#items('Filters', 'Filter').map((prefix) => ({
      name: this.required(`${prefix}.Name`),
      values: this.list(`${prefix}.Values`, 'Value'),
    }));
  }

  /** Throws when the form holds a parameter that nothing has read: doing half of what was asked would be a lie. */
  refuseUnread(action: string): void {
    const unread = [...this.#values.keys()].find((name) => !this.#read.has(name));
    if (unread !== undefined) throw invalidValue(`The sandbox does not support the parameter ${unread} of ${action}.`);
  }

  #items(name: string, item: string): string[] {
    // An empty list is sent as `Name=`.
    this.#read.add(name);
    const found = new Set<string>();
    for (const key of this.#values.keys()) {
      const [word, index] = key.startsWith(`${name}.`) ? key.slice(name.length + 1).split('.') : [];
      if ((word === item || word === 'member') && index !== undefined && /^[1-9]\d{0,3}$/.test(index)) {
        found.add(`${name}.${word}.${index}`);
      }
    }
    const position = (prefix: string) => Number(prefix.slice(prefix.lastIndexOf('.') + 1));
    return [...found].sort((a, b) => position(a) - position(b));
  }
}
