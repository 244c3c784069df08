/** Thrown inside this folder for a text that is no date. */
export class NotADate extends Error {}

export function daysIn(year: number, month: number): number {
  if (month < 1 || month > 12) throw new NotADate();
  return new Date(Date.UTC(2000 + (((year % 400) + 400) % 400), month, 0)).getUTCDate();
}

type Part = 'year' | 'month' | 'day';

/** Up to three numbers that are a year, a month and a day, in an order that is found out at the end. */
export class DayParts {
  centurySpecified = false;
  readonly #numbers: number[] = [];
  /** Where the parts stand whose meaning is known. */
  readonly #known = new Map<Part, number>();

  get count(): number {
    return this.#numbers.length;
  }

  /** Digits as written: more than two of them are a year. */
  addDigits(digits: string, part?: Part): void {
    if (!/^\d+$/.test(digits)) throw new NotADate();
    this.#add(Number.parseInt(digits, 10), digits.length > 2, part);
  }

  /** A number above 100 is a year. */
  addNumber(value: number, part?: Part): void {
    this.#add(Math.trunc(value), value > 100, part);
  }

  #add(value: number, isYear: boolean, part: Part | undefined): void {
    if (isYear) {
      this.centurySpecified = true;
      if (part !== undefined && part !== 'year') throw new NotADate();
    }
    this.#numbers.push(value);
    const meaning = isYear ? 'year' : part;
    if (meaning === undefined) return;
    if (this.#known.has(meaning)) throw new NotADate();
    this.#known.set(meaning, this.#numbers.length - 1);
  }

  couldBeDay(value: number): boolean {
    if (this.#known.has('day')) return false;
    const month = this.#value('month');
    if (month === undefined) return value >= 1 && value <= 31;
    return value >= 1 && value <= daysIn(this.#value('year') ?? 2000, month);
  }

  #value(part: Part): number | undefined {
    const index = this.#known.get(part);
    return index === undefined ? undefined : this.#numbers[index];
  }

  /** dateutil's guess: month before day before year unless the numbers or the known parts say otherwise. */
  resolve(): Partial<Record<Part, number>> {
    const numbers = this.#numbers;
    const count = numbers.length;
    if (count > 3) throw new NotADate();
    if (count > 0 && (count === this.#known.size || (count === 3 && this.#known.size === 2))) return this.#fromKnown();
    const monthAt = this.#known.get('month');
    const at = (index: number): number => numbers.at(index) ?? 0;
    if (count === 1 || (monthAt !== undefined && count === 2)) {
      const other = at(monthAt === undefined ? 0 : monthAt - 1);
      const month = monthAt === undefined ? {} : { month: at(monthAt) };
      if (count === 1 && monthAt !== undefined) return month;
      return other > 31 ? { ...month, year: other } : { ...month, day: other };
    }
    if (count === 2) {
      if (at(0) > 31) return this.#named('year', 'month');
      return at(1) > 31 ? this.#named('month', 'year') : this.#named('month', 'day');
    }
    if (count !== 3) return {};
    if (monthAt === 0) return at(1) > 31 ? this.#named('month', 'year', 'day') : this.#named('month', 'day', 'year');
    if (monthAt === 1) return at(0) > 31 ? this.#named('year', 'month', 'day') : this.#named('day', 'month', 'year');
    if (monthAt === 2) return at(1) > 31 ? this.#named('day', 'year', 'month') : this.#named('year', 'day', 'month');
    if (at(0) > 31 || this.#known.get('year') === 0) return this.#named('year', 'month', 'day');
    return at(0) > 12 ? this.#named('day', 'month', 'year') : this.#named('month', 'day', 'year');
  }

  #named(...parts: readonly Part[]): Partial<Record<Part, number>> {
    return Object.fromEntries(parts.map((part, index) => [part, this.#numbers[index] ?? 0]));
  }

  #fromKnown(): Partial<Record<Part, number>> {
    const order = new Map(this.#known);
    if (this.#numbers.length === 3 && order.size === 2) {
      const used = new Set(order.values());
      for (const part of ['year', 'month', 'day'] as const) {
        if (!order.has(part)) order.set(part, [0, 1, 2].find((index) => !used.has(index)) ?? 0);
      }
    }
    return Object.fromEntries([...order].map(([part, index]) => [part, this.#numbers[index] ?? 0]));
  }
}
