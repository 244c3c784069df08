import { formsOf } from './secret-forms.ts';

/** Shorter secrets are not taken. The index stands on this: every form begins with that many characters. */
export const SHORTEST_SECRET = 4;

interface Form {
  readonly text: string;
  readonly secret: string;
}

/** Where one or several overlapping secrets stand in a text. */
export interface Finding {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds thousands of secrets in one pass over a text: the first four characters of every form are kept in a table of counters,
 * and only where the text's next four are in it is anything compared. 1 MB takes a few milliseconds, however many there are.
 */
export class SecretIndex {
  readonly #limit: number;
  /** Secrets, least recently added first. */
  readonly #secrets = new Map<string, readonly Form[]>();
  /** Forms by their first four characters. */
  readonly #byBeginning = new Map<string, Form[]>();
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
    if (known !== undefined) {
      this.#secrets.delete(secret);
      this.#secrets.set(secret, known);
      return;
    }
    const forms = formsOf(secret).map((text) => ({ text, secret }));
    this.#secrets.set(secret, forms);
    for (const form of forms) this.#enter(form);
    if (this.#secrets.size > this.#limit) this.#forgetOldest();
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
    let longest = 0;
    for (const form of this.#byBeginning.get(text.slice(position, position + SHORTEST_SECRET)) ?? []) {
      if ((form.text.length <= longest && secrets === undefined) || !text.startsWith(form.text, position)) continue;
      longest = Math.max(longest, form.text.length);
      secrets?.add(form.secret);
    }
    return longest;
  }

  #mayGoOn(text: string, position: number): boolean {
    const rest = text.length - position;
    if (rest < SHORTEST_SECRET) return this.#shortBeginnings.has(text.slice(position));
    const forms = this.#byBeginning.get(text.slice(position, position + SHORTEST_SECRET));
    if (forms === undefined) return false;
    const end = text.slice(position);
    return forms.some((form) => form.text.length > rest && form.text.startsWith(end));
  }

  #enter(form: Form): void {
    const { text } = form;
    const beginning = text.slice(0, SHORTEST_SECRET);
    const forms = this.#byBeginning.get(beginning);
    if (forms === undefined) this.#byBeginning.set(beginning, [form]);
    else forms.push(form);
    this.#count(text, 1);
    this.#longest = Math.max(this.#longest, text.length);
  }

  #forgetOldest(): void {
    const [oldest] = this.#secrets;
    if (oldest === undefined) return;
    const [secret, forms] = oldest;
    this.#secrets.delete(secret);
    for (const form of forms) {
      const beginning = form.text.slice(0, SHORTEST_SECRET);
      const rest = (this.#byBeginning.get(beginning) ?? []).filter((other) => other !== form);
      if (rest.length === 0) this.#byBeginning.delete(beginning);
      else this.#byBeginning.set(beginning, rest);
      this.#count(form.text, -1);
    }
  }

  #count(text: string, by: 1 | -1): void {
    const slot = hash(text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2), text.charCodeAt(3));
    this.#counters[slot] = (this.#counters[slot] ?? 0) + by;
    for (let length = 1; length < SHORTEST_SECRET; length += 1) {
      const beginning = text.slice(0, length);
      const count = (this.#shortBeginnings.get(beginning) ?? 0) + by;
      if (count === 0) this.#shortBeginnings.delete(beginning);
      else this.#shortBeginnings.set(beginning, count);
    }
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  return (((a * 31 + b) * 31 + c) * 31 + d) & 0xffff;
}
