import { PetrelError } from '../../../model/index.ts';
import { readLenientDate } from '../../dates/index.ts';
import { asDouble, asInt, float, PythonError, toDouble } from '../../python/index.ts';
import { define } from '../definition.ts';
import {
  any,
  instance,
  instanceOrNull,
  int,
  number,
  optional,
  type Parameter,
  shortInt,
  shortIntOrNull,
  strictInt,
  text,
  textOrNull,
} from '../parameters.ts';
import { MAX_YEAR, weekdayOf, yearOf } from '../time/calendar.ts';
import { Moment, type MomentFields } from '../time/moment.ts';
import { strftime } from '../time/strftime.ts';
import { strptime } from '../time/strptime.ts';
import { DAY, floorDivide, roundHalfEven, TimeSpan, ZERO_SPAN } from '../time/timespan.ts';

const MOMENT = instance(Moment);
const SPAN = instance(TimeSpan);

function parsed(given: string, now: number): Moment {
  try {
    const { local, microsecond, offset = 0 } = readLenientDate(given, now);
    return new Moment(BigInt(local) * 1000n + BigInt(microsecond), BigInt(Math.trunc(offset)) * 1_000_000n);
  } catch (error) {
    if (error instanceof PetrelError) throw new PythonError('ParserError', `Unknown string format: ${given}`);
    throw error;
  }
}

function outOfRange(kind: string, message: string): PythonError {
  return new PythonError(kind, message);
}

/** Beyond these, C has no year for a number of seconds. */
const MAX_SECONDS = 67_768_036_191_676_799n;

/** Of a number of seconds since 1970; microseconds round half to even, as Python's. */
function fromTimestamp(seconds: unknown, offset: TimeSpan): Moment {
  const instant = instantOf(seconds);
  const days = floorDivide(instant, DAY);
  const year = yearOf(days);
  if (BigInt.asIntN(64, instant / 1_000_000n) !== instant / 1_000_000n) {
    throw outOfRange('OverflowError', 'timestamp out of range for platform time_t');
  }
  if (instant / 1_000_000n > MAX_SECONDS || instant / 1_000_000n < -MAX_SECONDS) {
    throw outOfRange('OSError', '[Errno 75] Value too large for defined data type');
  }
  if (year < 1 || year > MAX_YEAR) throw outOfRange('ValueError', `year ${year} is out of range`);
  return Moment.at(instant, offset.microseconds);
}

function instantOf(seconds: unknown): bigint {
  const int = asInt(seconds);
  if (int !== undefined) return BigInt(int) * 1_000_000n;
  const double = toDouble(seconds);
  if (Number.isNaN(double)) throw outOfRange('ValueError', 'Invalid value NaN (not a number)');
  if (!Number.isFinite(double)) throw outOfRange('OverflowError', 'timestamp out of range for platform time_t');
  const whole = Math.trunc(double);
  return BigInt(whole) * 1_000_000n + roundHalfEven((double - whole) * 1e6);
}

type Whole = number | bigint;

function spanOf(days: Whole, hours: Whole, minutes: Whole, seconds: Whole, milliseconds: Whole, microseconds: Whole) {
  const allSeconds = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  return new TimeSpan((allSeconds * 1000n + BigInt(milliseconds)) * 1000n + BigInt(microseconds));
}

function scaled(span: TimeSpan, factor: unknown): TimeSpan {
  const int = asInt(factor);
  if (int !== undefined) return new TimeSpan(span.microseconds * BigInt(int));
  return TimeSpan.rounded(Number(span.microseconds) * toDouble(factor));
}

function divided(span: TimeSpan, by: unknown): TimeSpan {
  const divisor = asDouble(by) ?? Number.NaN;
  if (divisor === 0) {
    throw new PythonError('ZeroDivisionError', asInt(by) === undefined ? 'float division by zero' : 'division by zero');
  }
  return TimeSpan.rounded(Number(span.microseconds) / divisor);
}

function dateOnly(moment: Moment): Moment {
  return new Moment(BigInt(moment.days) * DAY, moment.offset);
}

/** The original shifts the clock but keeps the zone. */
function utc(moment: Moment): Moment {
  return new Moment(moment.local - moment.offset, moment.offset);
}

function momentProperty(name: string, read: (moment: Moment) => unknown) {
  return define(`#property#${name}`, 'function', [MOMENT('obj')], (_context, moment) => read(moment));
}

/** Durations are told in one unit as a whole: two days are 48 hours. */
function spanProperty(name: string, microseconds: number) {
  return define(`#property#${name}`, 'function', [SPAN('obj')], (_context, span) => {
    return float(Number(span.microseconds) / microseconds);
  });
}

const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'] as const;
const zero = <T>(parameter: Parameter<T>) => optional(parameter, 0);

const CREATION = [
  define(
    'datetime',
    'function',
    [
      shortInt('year'),
      shortInt('month'),
      shortInt('day'),
      zero(shortInt('hour')),
      zero(shortInt('minute')),
      zero(shortInt('second')),
      zero(shortInt('microsecond')),
      optional(SPAN('offset'), ZERO_SPAN),
    ],
    (_context, year, month, day, hour, minute, second, microsecond, offset) =>
      Moment.of({ year, month, day, hour, minute, second, microsecond }, offset.microseconds),
  ),
  define(
    'datetime',
    'function',
    [number('timestamp'), optional(SPAN('offset'), ZERO_SPAN)],
    (_context, seconds, offset) => {
      return fromTimestamp(seconds, offset);
    },
  ),
  define('datetime', 'function', [text('string'), optional(textOrNull('format'), null)], (context, given, format) => {
    context.run.spend(1 + given.length);
    if (format === null || format === '') return parsed(given, context.run.surroundings.now());
    return strptime(given, format);
  }),
  define(
    'timespan',
    'function',
    [
      zero(int('days')),
      zero(int('hours')),
      zero(int('minutes')),
      optional(strictInt('seconds'), 0),
      optional(strictInt('milliseconds'), 0),
      optional(strictInt('microseconds'), 0),
    ],
    (_context, ...parts) => spanOf(...parts),
  ),
  define('now', 'function', [optional(instanceOrNull(TimeSpan)('offset'), ZERO_SPAN)], (context, offset) => {
    const now = BigInt(Math.floor(context.run.surroundings.now() * 1000));
    return Moment.at(now, offset?.microseconds ?? 0n);
  }),
  define('localtz', 'function', [], () => ZERO_SPAN),
  define('utctz', 'function', [], () => ZERO_SPAN),
  define('isDatetime', 'function', [any('value')], (_context, value) => value instanceof Moment),
  define('isTimespan', 'function', [any('value')], (_context, value) => value instanceof TimeSpan),
];

const ORDERINGS: readonly (readonly [string, (order: number) => boolean])[] = [
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
];

const OPERATORS = [
  define('#operator_+', 'function', [MOMENT('dt'), SPAN('ts')], (_context, moment, span) => moment.plus(span)),
  define('#operator_+', 'function', [SPAN('ts'), MOMENT('dt')], (_context, span, moment) => moment.plus(span)),
  define('#operator_+', 'function', [SPAN('ts1'), SPAN('ts2')], (_context, left, right) => {
    return new TimeSpan(left.microseconds + right.microseconds);
  }),
  define('#operator_-', 'function', [MOMENT('dt'), SPAN('ts')], (_context, moment, span) => moment.minus(span)),
  define('#operator_-', 'function', [MOMENT('dt1'), MOMENT('dt2')], (_context, left, right) => left.since(right)),
  define('#operator_-', 'function', [SPAN('ts1'), SPAN('ts2')], (_context, left, right) => {
    return new TimeSpan(left.microseconds - right.microseconds);
  }),
  define('#operator_*', 'function', [SPAN('ts'), number('n')], (_context, span, factor) => scaled(span, factor)),
  define('#operator_*', 'function', [number('n'), SPAN('ts')], (_context, factor, span) => scaled(span, factor)),
  define('#operator_/', 'function', [SPAN('ts1'), SPAN('ts2')], (_context, left, right) => {
    if (right.microseconds === 0n) throw new PythonError('ZeroDivisionError', 'float division by zero');
    return float(Number(left.microseconds) / Number(right.microseconds));
  }),
  define('#operator_/', 'function', [SPAN('ts'), number('n')], (_context, span, by) => divided(span, by)),
  define('#unary_operator_-', 'function', [SPAN('ts')], (_context, span) => new TimeSpan(-span.microseconds)),
  define('#unary_operator_+', 'function', [SPAN('ts')], (_context, span) => span),
  ...ORDERINGS.flatMap(([operator, holds]) => [
    define(`#operator_${operator}`, 'function', [MOMENT('dt1'), MOMENT('dt2')], (_context, left, right) => {
      return holds(left.compare(right) ?? Number.NaN);
    }),
    define(`#operator_${operator}`, 'function', [SPAN('ts1'), SPAN('ts2')], (_context, left, right) => {
      return holds(left.compare(right) ?? Number.NaN);
    }),
  ]),
];

const PROPERTIES = [
  ...FIELDS.map((name) => momentProperty(name, (moment) => moment.fields[name])),
  momentProperty('date', dateOnly),
  momentProperty('time', (moment) => moment.since(dateOnly(moment))),
  momentProperty('weekday', (moment) => weekdayOf(moment.days)),
  momentProperty('utc', utc),
  momentProperty('offset', (moment) => new TimeSpan(moment.offset)),
  momentProperty('timestamp', (moment) => float(Number(utc(moment).instant) / 1e6)),
  define('#property#microseconds', 'function', [SPAN('obj')], (_context, span) => {
    const whole = Number(span.microseconds);
    return Number.isSafeInteger(whole) ? whole : span.microseconds;
  }),
  spanProperty('milliseconds', 1e3),
  spanProperty('seconds', 1e6),
  spanProperty('minutes', 6e7),
  spanProperty('hours', 3.6e9),
  spanProperty('days', 8.64e10),
];

const METHODS = [
  define(
    'replace',
    'method',
    [
      MOMENT('dt'),
      ...FIELDS.map((name) => optional(shortIntOrNull(name), null)),
      optional(instanceOrNull(TimeSpan)('offset'), null),
    ],
    (_context, ...given) => {
      const [moment, ...rest] = given;
      return replaced(moment, rest);
    },
  ),
  define('format', 'method', [MOMENT('dt'), text('format')], (context, moment, format) => {
    return context.run.text(strftime(moment, format));
  }),
];

function replaced(moment: unknown, given: readonly unknown[]): unknown {
  if (!(moment instanceof Moment)) return moment;
  const fields: Record<keyof MomentFields, number> = { ...moment.fields };
  for (const [index, name] of FIELDS.entries()) {
    const value = given[index];
    if (typeof value === 'number') fields[name] = value;
  }
  const offset = given[FIELDS.length];
  return Moment.of(fields, offset instanceof TimeSpan ? offset.microseconds : moment.offset);
}

export const DATES = [...CREATION, ...OPERATORS, ...PROPERTIES, ...METHODS];
