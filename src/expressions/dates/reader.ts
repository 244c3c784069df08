import { DayParts, NotADate } from './day.ts';
import { dateTokens } from './tokens.ts';
import { halfOf, isSkipped, isUtcName, monthOf, unitOf, weekdayOf } from './words.ts';

/** What a text says of a date and time; what it leaves out is undefined. */
export interface DateFields {
  year?: number;
  month?: number;
  day?: number;
  /** 0 is Monday. */
  weekday?: number;
  hour?: number;
  minute?: number;
  second?: number;
  microsecond?: number;
  zoneName?: string;
  /** Seconds east of UTC. */
  zoneOffset?: number;
}

/** Reads a text by dateutil's rules. Throws `NotADate`. `currentYear` decides the century of years of two digits. */
export function readDate(text: string, currentYear: number): DateFields {
  return new DateReader(text, currentYear).read();
}

class DateReader {
  readonly #tokens: string[];
  readonly #currentYear: number;
  readonly #day = new DayParts();
  readonly #fields: DateFields = {};
  /** Index of the token being read. */
  #index = 0;

  constructor(text: string, currentYear: number) {
    this.#tokens = dateTokens(text);
    this.#currentYear = currentYear;
  }

  read(): DateFields {
    for (; this.#index < this.#tokens.length; this.#index += 1) this.#token(this.#need(0));
    const { year, ...rest } = this.#day.resolve();
    const fields = this.#fields;
    Object.assign(fields, rest, year === undefined ? {} : { year: this.#fullYear(year, this.#day.centurySpecified) });
    const { zoneName, zoneOffset } = fields;
    if ((zoneOffset === 0 && zoneName === undefined) || zoneName?.toLowerCase() === 'z') {
      fields.zoneName = 'UTC';
      fields.zoneOffset = 0;
    } else if (zoneName !== undefined && isUtcName(zoneName)) {
      fields.zoneOffset = 0;
    }
    return fields;
  }

  /** The token `offset` places on, if it is there. */
  #peek(offset: number): string | undefined {
    const index = this.#index + offset;
    return index < 0 ? undefined : this.#tokens[index];
  }

  #need(offset: number): string {
    const token = this.#peek(offset);
    if (token === undefined) throw new NotADate();
    return token;
  }

  #fullYear(year: number, centurySpecified: boolean): number {
    if (year >= 100 || centurySpecified) return year;
    const full = year + Math.floor(this.#currentYear / 100) * 100;
    if (full >= this.#currentYear + 50) return full - 100;
    return full < this.#currentYear - 50 ? full + 100 : full;
  }

  #token(token: string): void {
    if (isNumber(token)) {
      this.#number(token);
      return;
    }
    const weekday = weekdayOf(token);
    if (weekday !== undefined) {
      this.#fields.weekday = weekday;
      return;
    }
    const month = monthOf(token);
    if (month !== undefined) {
      this.#month(month);
      return;
    }
    const half = halfOf(token);
    if (half !== undefined) {
      const { hour } = this.#fields;
      if (hour === undefined || hour > 12) throw new NotADate();
      this.#fields.hour = inHalf(hour, half);
    } else if (this.#couldBeZone(token, this.#fields.zoneOffset)) {
      this.#zoneName(token);
    } else if (this.#fields.hour !== undefined && (token === '+' || token === '-')) {
      this.#zoneOffset(token);
    } else if (!isSkipped(token)) {
      throw new NotADate();
    }
  }

  #month(month: number): void {
    this.#day.addNumber(month, 'month');
    const separator = this.#peek(1);
    if (separator === '-' || separator === '/') {
      this.#day.addDigits(this.#need(2));
      if (this.#peek(3) === separator) {
        this.#day.addDigits(this.#need(4));
        this.#index += 2;
      }
      this.#index += 2;
    } else if (separator === ' ' && this.#peek(3) === ' ' && this.#peek(2)?.toLowerCase() === 'of') {
      // "Jan of 01": the number can only be a year.
      const year = this.#peek(4);
      if (year === undefined) return;
      if (/^\d+$/.test(year)) {
        this.#day.addDigits(String(this.#fullYear(Number.parseInt(year, 10), false)), 'year');
      }
      this.#index += 4;
    }
  }

  #couldBeZone(token: string, zoneOffset: number | undefined): boolean {
    const { hour, zoneName } = this.#fields;
    if (hour === undefined || zoneName !== undefined || zoneOffset !== undefined || token.length > 5) return false;
    return /^[A-Z]*$/.test(token) || token === 'z';
  }

  #zoneName(token: string): void {
    const fields = this.#fields;
    fields.zoneName = token;
    const isUtc = token === 'z' || (isUtcName(token) && token === token.toUpperCase());
    if (isUtc) fields.zoneOffset = 0;
    const sign = this.#peek(1);
    if (sign !== '+' && sign !== '-') return;
    // "GMT+3" means: my time and 3 hours is GMT.
    this.#tokens[this.#index + 1] = sign === '+' ? '-' : '+';
    delete fields.zoneOffset;
    if (isUtcName(token)) delete fields.zoneName;
  }

  #zoneOffset(sign: string): void {
    const digits = this.#need(1);
    let hours: number;
    let minutes = 0;
    if (digits.length === 4) {
      hours = wholeNumber(digits.slice(0, 2));
      minutes = wholeNumber(digits.slice(2));
    } else if (this.#peek(2) === ':') {
      hours = wholeNumber(digits);
      minutes = wholeNumber(this.#need(3));
      this.#index += 2;
    } else {
      if (digits.length > 2) throw new NotADate();
      hours = wholeNumber(digits);
    }
    this.#fields.zoneOffset = (sign === '+' ? 1 : -1) * (hours * 3600 + minutes * 60);
    const name = this.#peek(4);
    const bracketed = this.#peek(3) === '(' && this.#peek(5) === ')' && isSkipped(this.#peek(2) ?? '');
    if (bracketed && name !== undefined && name.length >= 3 && this.#couldBeZone(name, undefined)) {
      this.#fields.zoneName = name;
      this.#index += 4;
    }
    this.#index += 1;
  }

  #number(digits: string): void {
    const size = digits.length;
    const next = this.#peek(1);
    const fields = this.#fields;
    if (
      this.#day.count === 3 &&
      (size === 2 || size === 4) &&
      fields.hour === undefined &&
      (next === undefined || (next !== ':' && unitOf(next) === undefined))
    ) {
      fields.hour = wholeNumber(digits.slice(0, 2));
      if (size === 4) fields.minute = wholeNumber(digits.slice(2));
    } else if (size === 6 || (size > 6 && digits.indexOf('.') === 6)) {
      this.#sixDigits(digits);
    } else if (size === 8 || size === 12 || size === 14) {
      this.#compact(digits);
    } else if (this.#unitIndex() !== undefined) {
      this.#withUnit(digits);
    } else if (this.#peek(2) !== undefined && next === ':') {
      this.#clock(digits);
    } else if (next === '-' || next === '/' || next === '.') {
      this.#separated(digits, next);
    } else if (next === undefined || isSkipped(next)) {
      const half = halfOf(this.#peek(2) ?? '');
      if (half !== undefined) {
        fields.hour = inHalf(Math.trunc(Number(digits)), half);
        this.#index += 1;
      } else {
        this.#day.addNumber(Number(digits));
      }
      this.#index += 1;
    } else {
      const half = halfOf(next);
      if (half !== undefined && Number(digits) < 24) {
        fields.hour = inHalf(Math.trunc(Number(digits)), half);
        this.#index += 1;
      } else {
        if (!this.#day.couldBeDay(Number(digits))) throw new NotADate();
        this.#day.addNumber(Number(digits));
      }
    }
  }

  /** YYMMDD when nothing of the day is known, else HHMMSS with a fraction. */
  #sixDigits(digits: string): void {
    if (this.#day.count === 0 && !digits.includes('.')) {
      for (const start of [0, 2, 4]) this.#day.addDigits(digits.slice(start, start + 2));
      return;
    }
    this.#fields.hour = wholeNumber(digits.slice(0, 2));
    this.#fields.minute = wholeNumber(digits.slice(2, 4));
    this.#seconds(digits.slice(4));
  }

  /** YYYYMMDD, with HHMM, with SS. */
  #compact(digits: string): void {
    this.#day.addDigits(digits.slice(0, 4), 'year');
    this.#day.addDigits(digits.slice(4, 6));
    this.#day.addDigits(digits.slice(6, 8));
    if (digits.length === 8) return;
    this.#fields.hour = wholeNumber(digits.slice(8, 10));
    this.#fields.minute = wholeNumber(digits.slice(10, 12));
    if (digits.length > 12) this.#fields.second = wholeNumber(digits.slice(12));
  }

  #clock(hours: string): void {
    this.#fields.hour = Math.trunc(Number(hours));
    this.#minutes(this.#need(2));
    if (this.#peek(3) === ':' && this.#peek(4) !== undefined) {
      this.#seconds(this.#need(4));
      this.#index += 2;
    }
    this.#index += 2;
  }

  #separated(digits: string, separator: string): void {
    this.#day.addDigits(digits);
    const second = this.#peek(2);
    if (second !== undefined && !isSkipped(second)) {
      this.#addDigitsOrMonth(second);
      if (this.#peek(3) === separator) {
        this.#addDigitsOrMonth(this.#need(4));
        this.#index += 2;
      }
      this.#index += 1;
    }
    this.#index += 1;
  }

  #addDigitsOrMonth(token: string): void {
    const month = monthOf(token);
    if (month === undefined) this.#day.addDigits(token);
    else this.#day.addNumber(month, 'month');
  }

  /** Where the unit of the number stands, counted from the number: after it or, if it is the last token, before it. */
  #unitIndex(): number | undefined {
    if (unitOf(this.#peek(1) ?? '') !== undefined) return 1;
    if (this.#peek(1) === ' ' && unitOf(this.#peek(2) ?? '') !== undefined) return 2;
    if (unitOf(this.#peek(-1) ?? '') !== undefined) return -1;
    const last = this.#index > 1 && this.#index === this.#tokens.length - 1;
    return last && this.#peek(-1) === ' ' && unitOf(this.#peek(-2) ?? '') !== undefined ? -2 : undefined;
  }

  #withUnit(digits: string): void {
    const offset = this.#unitIndex() ?? 0;
    // A number after a unit is of the next smaller one: "10h36" is 36 minutes.
    const unit = (unitOf(this.#peek(offset) ?? '') ?? 0) + (offset < 0 ? 1 : 0);
    if (offset > 0) this.#index += offset;
    if (unit === 0) {
      this.#fields.hour = Math.trunc(Number(digits));
      const minutes = sixtieths(digits);
      if (minutes !== undefined) this.#fields.minute = minutes;
    } else if (unit === 1) {
      this.#minutes(digits);
    } else if (unit === 2) {
      this.#seconds(digits);
    }
  }

  #minutes(digits: string): void {
    if (!isNumber(digits)) throw new NotADate();
    this.#fields.minute = Math.trunc(Number(digits));
    const seconds = sixtieths(digits);
    if (seconds === undefined) delete this.#fields.second;
    else this.#fields.second = seconds;
  }

  #seconds(digits: string): void {
    const [whole = '', fraction, ...more] = digits.split('.');
    if (more.length > 0) throw new NotADate();
    this.#fields.second = wholeNumber(whole);
    this.#fields.microsecond = fraction === undefined ? 0 : wholeNumber(fraction.padEnd(6, '0').slice(0, 6));
  }
}

const isNumber = (token: string): boolean => /^\d+(?:\.\d+)?$/.test(token);

function wholeNumber(digits: string): number {
  if (!/^\d+$/.test(digits)) throw new NotADate();
  return Number.parseInt(digits, 10);
}

/** The fraction of a number in sixtieths, undefined when there is none. */
function sixtieths(digits: string): number | undefined {
  const fraction = Number(`0.${digits.split('.')[1] ?? '0'}`);
  return fraction === 0 ? undefined : Math.trunc(60 * fraction + 1e-9);
}

function inHalf(hour: number, half: number): number {
  if (hour < 12 && half === 1) return hour + 12;
  return hour === 12 && half === 0 ? 0 : hour;
}
