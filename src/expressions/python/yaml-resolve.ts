import { type ClockTime, PythonDate } from './dates.ts';
import { PythonError, valueError } from './errors.ts';
import { type Float, float, integer } from './numbers.ts';

/** The kinds that a plain scalar of YAML 1.1 is read as, by PyYAML's patterns. */
export type ScalarKind = 'str' | 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'merge' | 'value';

const PATTERNS: readonly (readonly [ScalarKind, RegExp])[] = [
  ['bool', /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/],
  [
    'float',
    /^(?:[-+]?(?:\d[\d_]*)\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  ],
  [
    'int',
    /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][\d_]*)|[-+]?0x[\da-fA-F_]+|[-+]?[1-9][\d_]*(?::[0-5]?\d)+)$/,
  ],
  ['merge', /^<<$/],
  ['null', /^(?:~|null|Null|NULL|)$/],
  [
    'timestamp',
    /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
  ],
  ['value', /^=$/],
];

export function plainKind(text: string): ScalarKind {
  return PATTERNS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'str';
}

/** The value of a scalar's text as that kind. Throws PythonError when it is none. */
export function construct(kind: ScalarKind, text: string): unknown {
  switch (kind) {
    case 'null':
      return null;
    case 'bool':
      return /^(?:yes|true|on)$/i.test(text);
    case 'int':
      return constructInt(text);
    case 'float':
      return constructFloat(text);
    case 'timestamp':
      return constructTimestamp(text);
    case 'str':
      return text;
    default:
      throw yamlError(`could not determine a constructor for the text '${text}'`);
  }
}

function constructInt(text: string): number | bigint {
  const digits = text.replaceAll('_', '').replace(/^\+/, '');
  const negative = digits.startsWith('-');
  const body = negative ? digits.slice(1) : digits;
  let value: bigint;
  try {
    if (body.includes(':')) value = body.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
    else if (/^0[0-7]+$/.test(body)) value = BigInt(`0o${body.slice(1)}`);
    else value = BigInt(body);
  } catch {
    throw valueError(`invalid literal for int() with base 10: '${text}'`);
  }
  return integer(negative ? -value : value);
}

function constructFloat(text: string): number | Float {
  const body = text.replaceAll('_', '').toLowerCase().replace(/^\+/, '');
  if (body.endsWith('.inf')) return body.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (body === '.nan') return Number.NaN;
  if (body.includes(':')) {
    const sign = body.startsWith('-') ? -1 : 1;
    const parts = body.replace('-', '').split(':');
    return float(sign * parts.reduce((sum, part) => sum * 60 + Number(part), 0));
  }
  const value = Number(body);
  if (Number.isNaN(value)) throw valueError(`could not convert string to float: '${text}'`);
  return float(value);
}

const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?)?$/;

function constructTimestamp(text: string): PythonDate {
  const match = TIMESTAMP.exec(text);
  if (match === null) throw valueError(`not a timestamp: '${text}'`);
  const [, year, month, day, hour, minute, second, fraction, zulu, sign, offsetHours, offsetMinutes] = match;
  const date = [Number(year), Number(month), Number(day)] as const;
  if (date[1] < 1 || date[1] > 12) throw valueError('month must be in 1..12');
  if (date[0] < 1) throw valueError(`year ${date[0]} is out of range`);
  if (date[2] < 1 || date[2] > new Date(Date.UTC(date[0], date[1], 0)).getUTCDate()) {
    throw valueError('day is out of range for month');
  }
  if (hour === undefined) return new PythonDate(...date);
  const minutes = Number(offsetHours) * 60 + Number(offsetMinutes ?? 0);
  const offset = zulu !== undefined ? 0 : sign === undefined ? undefined : sign === '-' ? -minutes : minutes;
  const time: ClockTime = {
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    microsecond: Number((fraction ?? '').slice(0, 6).padEnd(6, '0')),
    offset,
  };
  if (time.hour > 23) throw valueError('hour must be in 0..23');
  if (time.minute > 59) throw valueError('minute must be in 0..59');
  if (time.second > 59) throw valueError('second must be in 0..59');
  return new PythonDate(...date, time);
}

/** What YAML errors are to Python. */
export function yamlError(message: string): PythonError {
  return new PythonError('YAMLError', message);
}
