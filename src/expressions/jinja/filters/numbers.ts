import {
  asDouble,
  asInt,
  bind,
  divide,
  fixed,
  float,
  isNumber,
  negate,
  PythonError,
  power,
  round,
  toDouble,
  toFloat,
  toInt,
  toIntWithBase,
  truthy,
  typeError,
  typeName,
} from '../../python/index.ts';
import type { Filter } from '../environment.ts';
import { KeyLookup } from '../key-lookups.ts';
import { binaryOperation } from '../operators.ts';
import { Undefined } from '../undefined.ts';
import { argumentError, indexOf } from './helpers.ts';

/** The result of a conversion, undefined when it raised one of the errors. */
function attempt<T>(kinds: readonly string[], convert: () => T): T | undefined {
  try {
    return convert();
  } catch (error) {
    if (error instanceof PythonError && (kinds.includes(error.kind) || error.kind.endsWith('DecodeError')))
      return undefined;
    throw error;
  }
}

/** Lookups of keys turn into numbers through their text. */
function source(value: unknown): unknown {
  if (value instanceof Undefined) throw value.fail();
  return value instanceof KeyLookup ? value.str() : value;
}

const int: Filter = (_run, value, given) => {
  const [otherwise = 0, base = 10] = bind('int', given, ['default', 'base']);
  const from = source(value);
  const whole = attempt(['TypeError', 'ValueError'], () =>
    typeof value === 'string' && base !== 10 ? toIntWithBase(value, indexOf(base)) : toInt(from),
  );
  return whole ?? attempt(['TypeError', 'ValueError', 'OverflowError'], () => toInt(toFloat(from))) ?? otherwise;
};

const toFloatOr: Filter = (_run, value, given) => {
  const [otherwise = float(0)] = bind('float', given, ['default']);
  return attempt(['TypeError', 'ValueError'], () => toFloat(source(value))) ?? otherwise;
};

const absolute: Filter = (_run, value, given) => {
  bind('abs', given, []);
  const number = asInt(value) ?? asDouble(value);
  if (number === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  if (number < 0 || Object.is(number, -0)) return negate(value);
  return asInt(value) ?? value;
};

const roundTo: Filter = (run, value, given) => {
  const [precision = 0, method = 'common'] = bind('round', given, ['precision', 'method']);
  if (method !== 'common' && method !== 'ceil' && method !== 'floor') {
    throw argumentError('method must be common, ceil or floor');
  }
  if (method === 'common') {
    if (!isNumber(value) && typeof value !== 'boolean') {
      throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
    }
    return round(value, precision === null ? undefined : indexOf(precision));
  }
  const unit = power(10, precision);
  const scaled = binaryOperation('*')(run, value, unit);
  const int = asInt(scaled);
  if (int === undefined && asDouble(scaled) === undefined) {
    throw typeError(`must be real number, not ${typeName(scaled)}`);
  }
  return divide(int ?? toInt(float(Math[method](toDouble(scaled)))), unit);
};

const PREFIXES = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

const filesizeformat: Filter = (_run, value, given) => {
  const [binary] = bind('filesizeformat', given, ['binary']);
  const bytes = toDouble(source(value));
  const base = truthy(binary) ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${toInt(float(bytes))} Bytes`;
  for (const [index, letter] of PREFIXES.entries()) {
    // Compared exactly: 1e24 is a little less than 10 ** 24.
    const exact = BigInt(base) ** BigInt(index + 2);
    const unit = Number(exact);
    if (bytes < exact || index === PREFIXES.length - 1) {
      const prefix = truthy(binary) ? `${letter.toUpperCase()}iB` : `${letter}B`;
      return `${fixed((base * bytes) / unit, 1)} ${prefix}`;
    }
  }
  throw typeError('not a number of bytes');
};

/** Jinja's filters on numbers. */
export const NUMBER_FILTERS: Readonly<Record<string, Filter>> = {
  abs: absolute,
  filesizeformat,
  float: toFloatOr,
  int,
  round: roundTo,
};
