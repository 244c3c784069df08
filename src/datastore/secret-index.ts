import { formsOf } from './secret-forms.ts';

/** Shorter secrets are not taken. The index stands on this: every form begins with that many characters. */
export const SHORTEST_SECRET = 4;

/** All forms with the same first four characters. */
interface Shelf {
  readonly forms: Set<string>;
  /** How many forms there are of each length; longest first. */
  lengths: [length: number, count: number][];
}

/** Where one or several overlapping secrets stand in a text. */
export interface Finding {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds thousands of secrets in one pass over a text: the first four characters of every form are kept in a table of counters,
 * and only where the text's next four are in it is anything looked up, once per length that such forms have (tokens of one maker
 * begin alike, but have few lengths). So a text costs nearly the same with one secret and with ten thousand.
 */
export class SecretIndex {
  readonly #limit: number;
  /** The forms of each secret; secrets least recently added first. */
  readonly #secrets = new Map<string, readonly string[]>();
  /** Whose form it is. */
  readonly #owners = new Map<string, string[]>();
  readonly #shelves = new Map<string, Shelf>();
  /** How many forms begin with a text of one to three characters. */
  readonly #shortBeginnings = new Map<string, number>();
  readonly #counters = new Uint32Array(65536);
  #longest = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#secrets.size === 0;
  }

  add(secret: string): void {
    if (secret.length < SHORTEST_SECRET) return;
    const known = this.#secrets.get(secret);
    this.#secrets.delete(secret);
    this.#secrets.set(secret, known ?? this.#enter(secret));
    if (this.#secrets.size > this.#limit) this.#forgetOldest();
  }

  remove(secret: string): void {
    const forms = this.#secrets.get(secret);
    if (forms !== undefined) this.#forget(secret, forms);
  }

  /** In order, not overlapping. `secrets`, when given, collects which ones were found. */
  find(text: string, secrets?: Set<string>): Finding[] {
    const findings: Finding[] = [];
    if (this.isEmpty) return findings;
    let start = -1;
    let end = -1;
    let a = text.charCodeAt(0);
    let b = text.charCodeAt(1);
    let c = text.charCodeAt(2);
    for (let position = 0; position + SHORTEST_SECRET <= text.length; position += 1) {
      const d = text.charCodeAt(position + 3);
      if (this.#counters[hash(a, b, c, d)] !== 0) {
        const length = this.#longestAt(text, position, secrets);
        if (length > 0) {
          if (position >= end) {
            if (start >= 0) findings.push({ start, end });
            start = position;
          }
          end = Math.max(end, position + length);
        }
      }
      a = b;
      b = c;
      c = d;
    }
    if (start >= 0) findings.push({ start, end });
    return findings;
  }

  /** Where the first secret begins that the text may hold only the beginning of; the text's length when there is none. */
  unfinishedFrom(text: string): number {
    for (let position = Math.max(0, text.length - this.#longest + 1); position < text.length; position += 1) {
      if (this.#mayGoOn(text, position)) return position;
    }
    return text.length;
  }

  #longestAt(text: string, position: number, secrets: Set<string> | undefined): number {
    const shelf = this.#shelves.get(text.slice(position, position + SHORTEST_SECRET));
    if (shelf === undefined) return 0;
    let longest = 0;
    for (const [length] of shelf.lengths) {
      if (position + length > text.length) continue;
      const form = text.slice(position, position + length);
      if (!shelf.forms.has(form)) continue;
      longest = Math.max(longest, length);
      if (secrets === undefined) break;
      for (const secret of this.#owners.get(form) ?? []) secrets.add(secret);
    }
    return longest;
  }

  #mayGoOn(text: string, position: number): boolean {
    const rest = text.slice(position);
    if (rest.length < SHORTEST_SECRET) return this.#shortBeginnings.has(rest);
    for (const form of this.#shelves.get(rest.slice(0, SHORTEST_SECRET))?.forms ?? []) {
      if (form.length > rest.length && form.startsWith(rest)) return true;
    }
    return false;
  }

  #enter(secret: string): readonly string[] {
    const forms = formsOf(secret);
    for (const form of forms) {
      const owners = this.#owners.get(form);
      if (owners !== undefined) {
        owners.push(secret);
        continue;
      }
      this.#owners.set(form, [secret]);
      const beginning = form.slice(0, SHORTEST_SECRET);
      const shelf: Shelf = this.#shelves.get(beginning) ?? { forms: new Set(), lengths: [] };
      this.#shelves.set(beginning, shelf);
      shelf.forms.add(form);
      countLength(shelf, form.length, 1);
      this.#count(form, 1);
      this.#longest = Math.max(this.#longest, form.length);
    }
    return forms;
  }

  #forgetOldest(): void {
    const [oldest] = this.#secrets;
    if (oldest === undefined) return;
    this.#forget(...oldest);
  }

  #forget(secret: string, forms: readonly string[]): void {
    this.#secrets.delete(secret);
    for (const form of forms) {
      const owners = (this.#owners.get(form) ?? []).filter((owner) => owner !== secret);
      if (owners.length > 0) {
        this.#owners.set(form, owners);
        continue;
      }
      this.#owners.delete(form);
      const beginning = form.slice(0, SHORTEST_SECRET);
      const shelf = this.#shelves.get(beginning);
      if (shelf === undefined) continue;
      shelf.forms.delete(form);
      countLength(shelf, form.length, -1);
      if (shelf.forms.size === 0) this.#shelves.delete(beginning);
      this.#count(form, -1);
    }
  }

  #count(form: string, by: 1 | -1): void {
    const slot = hash(form.charCodeAt(0), form.charCodeAt(1), form.charCodeAt(2), form.charCodeAt(3));
    this.#counters[slot] = (this.#counters[slot] ?? 0) + by;
    for (let length = 1; length < SHORTEST_SECRET; length += 1) {
      const beginning = form.slice(0, length);
      const count = (this.#shortBeginnings.get(beginning) ?? 0) + by;
      if (count === 0) this.#shortBeginnings.delete(beginning);
      else this.#shortBeginnings.set(beginning, count);
    }
  }
}

function countLength(shelf: Shelf, length: number, by: 1 | -1): void {
  const counts = new Map(shelf.lengths);
  counts.set(length, (counts.get(length) ?? 0) + by);
  shelf.lengths = [...counts].filter(([, count]) => count > 0).sort(([one], [other]) => other - one);
}

function hash(a: number, b: number, c: number, d: number): number {
  return (((a * 31 + b) * 31 + c) * 31 + d) & 0xffff;
}
