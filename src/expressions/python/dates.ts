import { PythonObject } from './object.ts';

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

/** Python's `datetime.date`, and `datetime.datetime` when it has a time: what YAML reads from timestamps. */
export class PythonDate extends PythonObject {
  readonly typeName: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly time: ClockTime | undefined;

  constructor(year: number, month: number, day: number, time?: ClockTime) {
    super();
    this.year = year;
    this.month = month;
    this.day = day;
    this.time = time;
    this.typeName = time === undefined ? 'date' : 'datetime';
  }

  /** `T` or a blank between date and time. */
  iso(between: string): string {
    const date = `${pad(this.year, 4)}-${pad(this.month)}-${pad(this.day)}`;
    const { time } = this;
    if (time === undefined) return date;
    const fraction = time.microsecond === 0 ? '' : `.${pad(time.microsecond, 6)}`;
    return `${date}${between}${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}${fraction}${offsetText(time.offset)}`;
  }

  override str(): string {
    return this.iso(' ');
  }

  override repr(): string {
    const { time } = this;
    const parts = [this.year, this.month, this.day];
    if (time === undefined) return `datetime.date(${parts.join(', ')})`;
    parts.push(time.hour, time.minute);
    if (time.second !== 0 || time.microsecond !== 0) parts.push(time.second);
    if (time.microsecond !== 0) parts.push(time.microsecond);
    const zone = time.offset === undefined ? '' : `, tzinfo=datetime.timezone${zoneRepr(time.offset)}`;
    return `datetime.datetime(${parts.join(', ')}${zone})`;
  }

  override equals(other: unknown): boolean {
    return other instanceof PythonDate && this.hash() === other.hash();
  }

  override compare(other: unknown): number | undefined {
    if (!(other instanceof PythonDate) || other.typeName !== this.typeName) return undefined;
    return this.instant() - other.instant();
  }

  override hash(): string {
    return `${this.instant()}:${this.time?.offset === undefined}`;
  }

  /** Microseconds on the clock of UTC. */
  private instant(): number {
    const { time } = this;
    const days = Date.UTC(this.year, this.month - 1, this.day) * 1000;
    if (time === undefined) return days;
    const seconds = time.hour * 3600 + (time.minute - (time.offset ?? 0)) * 60 + time.second;
    return days + seconds * 1_000_000 + time.microsecond;
  }

  override attribute(name: string): unknown {
    if (name === 'year' || name === 'month' || name === 'day') return this[name];
    if (name === 'hour' || name === 'minute' || name === 'second' || name === 'microsecond') return this.time?.[name];
    return undefined;
  }
}

export interface ClockTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** Minutes east of UTC; undefined when the text says nothing of it. */
  readonly offset: number | undefined;
}

function offsetText(offset: number | undefined): string {
  if (offset === undefined) return '';
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

function zoneRepr(offset: number): string {
  if (offset === 0) return '.utc';
  const days = offset < 0 ? 'days=-1, ' : '';
  return `(datetime.timedelta(${days}seconds=${(offset < 0 ? offset + 1440 : offset) * 60}))`;
}
