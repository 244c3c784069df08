import {
  asInt,
  type Dict,
  Float,
  integer,
  isDict,
  type JsonRecord,
  PythonError,
  PythonIterator,
  PythonObject,
} from '../python/index.ts';
import { Context } from './context.ts';
import { Lambda, RuleValue, Unevaluated, UnevaluatedRule } from './lambda.ts';
import { type IterableValue, isIterableValue, isSequence, isSetLike, lazy } from './values/iteration.ts';

/**
 * A kind of argument: which values it accepts and what the function gets. The kinds choose among functions of one name, as in the
 * original; where two fit, the one that is more special wins.
 */
export interface Kind<T> {
  /** Gets the argument unevaluated. */
  readonly lazy: boolean;
  /** The more special kinds are those with fewer of the others' names in front of them: `object`, `object.iterable`, ... */
  readonly type: string | undefined;
  accepts(value: unknown): boolean;
  convert(value: unknown, context: Context): T;
}

export interface Parameter<T> {
  readonly name: string;
  readonly kind: Kind<T>;
  /** undefined: it must be given. */
  readonly otherwise: { readonly value: T } | undefined;
}

/** Whether `left` is a more special kind than `right`. */
export function isMoreSpecial(left: Kind<unknown>, right: Kind<unknown>): boolean {
  return left.type !== undefined && right.type !== undefined && left.type.startsWith(`${right.type}.`);
}

function kind<T>(type: string | undefined, accepts: (value: unknown) => value is T): Kind<T> {
  return {
    lazy: false,
    type,
    accepts,
    // `accepts` was asked before.
    convert: (value) => value as T,
  };
}

function nullable<T>(of: Kind<T>): Kind<T | null> {
  return {
    lazy: of.lazy,
    type: of.type,
    accepts: (value) => value === null || of.accepts(value),
    convert: (value, context) => (value === null ? null : of.convert(value, context)),
  };
}

const anything: Kind<unknown> = { lazy: false, type: 'object', accepts: () => true, convert: (value) => value };
const present: Kind<unknown> = { ...anything, accepts: (value) => value !== null };
const nothing = kind('object.none', (value): value is null => value === null);
const texts = kind('object.iterable.sequence.text', (value): value is string => typeof value === 'string');
const booleans = kind('object.int.bool', (value): value is boolean => typeof value === 'boolean');
const numbers = kind(undefined, (value): value is number | bigint | Float => {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float;
});
/** Python's bool is an int. */
const integers: Kind<number | bigint> = {
  lazy: false,
  type: 'object.int',
  accepts: (value) => asInt(value) !== undefined,
  convert: (value) => asInt(value) ?? 0,
};
const strictIntegers: Kind<number | bigint> = {
  ...integers,
  accepts: (value) => typeof value !== 'boolean' && asInt(value) !== undefined,
};
/** For positions and counts: beyond what JavaScript counts exactly it makes no difference how far. */
const FAR = 2 ** 52;
const counts: Kind<number> = {
  ...integers,
  convert: (value) => {
    const int = asInt(value) ?? 0;
    if (int > FAR) return FAR;
    return int < -FAR ? -FAR : Number(int);
  },
};
/** For sizes that the original hands on to C, which refuses those beyond 64 bits. */
const sizes: Kind<number> = {
  ...counts,
  convert: (value, context) => {
    const int = asInt(value) ?? 0;
    if (typeof int === 'bigint' && BigInt.asIntN(64, int) !== int) {
      throw new PythonError('OverflowError', 'Python int too large to convert to C ssize_t');
    }
    return counts.convert(int, context);
  },
};
/** For the fields of dates, which are C's ints. */
const shortInts: Kind<number> = {
  ...counts,
  convert: (value) => {
    const int = BigInt(asInt(value) ?? 0);
    if (BigInt.asIntN(64, int) !== int) {
      throw new PythonError('OverflowError', 'Python int too large to convert to C long');
    }
    if (BigInt.asIntN(32, int) === int) return Number(int);
    const bound = int > 0n ? 'greater than maximum' : 'less than minimum';
    throw new PythonError('OverflowError', `signed integer is ${bound}`);
  },
};
/** Begins to iterate when it is first read: an order is not put in order before. */
function* delayed(iterable: PythonObject): Generator<unknown> {
  const iterator = iterable.iterate();
  if (iterator === undefined) return;
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) yield step.value;
}

const iterables: Kind<IterableValue> = {
  lazy: false,
  type: 'object.iterable',
  accepts: isIterableValue,
  convert: (value) => {
    // `accepts` was asked before. Whatever is neither a list nor a set is handed on as an iterator, as in the original.
    const iterable = value as IterableValue;
    if (!(iterable instanceof PythonObject) || iterable instanceof PythonIterator || isSetLike(iterable))
      return iterable;
    return lazy(delayed(iterable));
  },
};
const sequences = kind('object.iterable.sequence', isSequence);
const sets = kind('object.iterable.set', isSetLike);
const iterators = kind('object.iterable.iterator', (value): value is PythonIterator => value instanceof PythonIterator);
const mappings = kind('object.iterable.mapping', (value): value is Dict | JsonRecord => isDict(value));
const rules = kind('object.rule', (value): value is RuleValue => value instanceof RuleValue);
const contexts = kind('object.context', (value): value is Context => value instanceof Context);

const lambdas: Kind<Lambda> = {
  lazy: true,
  type: undefined,
  accepts: () => true,
  convert: (value, context) => {
    if (value instanceof Lambda) return value;
    return new Lambda(value instanceof Unevaluated ? value.evaluate : () => value, context);
  },
};
const unevaluatedRules: Kind<UnevaluatedRule> = {
  lazy: true,
  type: undefined,
  accepts: (value) => value instanceof UnevaluatedRule,
  // `accepts` was asked before.
  convert: (value) => value as UnevaluatedRule,
};

function parameterOf<T>(of: Kind<T>): (name: string) => Parameter<T> {
  return (name) => ({ name, kind: of, otherwise: undefined });
}

/** Any value, null too. */
export const any = parameterOf(anything);
/** Any value but null. */
export const some = parameterOf(present);
export const none = parameterOf(nothing);
export const text = parameterOf(texts);
export const textOrNull = parameterOf(nullable(texts));
export const boolean = parameterOf(booleans);
export const booleanOrNull = parameterOf(nullable(booleans));
/** Int or float; no boolean. */
export const number = parameterOf(numbers);
export const numberOrNull = parameterOf(nullable(numbers));
/** An int or boolean of any size. */
export const int = parameterOf(integers);
/** An int of any size; no boolean. */
export const strictInt = parameterOf(strictIntegers);
/** An int or boolean that is a position or count. */
export const count = parameterOf(counts);
/** The same, where one beyond 64 bits is an error. */
export const size = parameterOf(sizes);
export const shortInt = parameterOf(shortInts);
export const shortIntOrNull = parameterOf(nullable(shortInts));
export const intOrNull = parameterOf(nullable(integers));
export const iterable = parameterOf(iterables);
export const sequence = parameterOf(sequences);
export const set = parameterOf(sets);
export const iterator = parameterOf(iterators);
export const mapping = parameterOf(mappings);
/** An expression that is evaluated when it is called. */
export const lambda = parameterOf(lambdas);
/** `left => right` with both sides evaluated. */
export const rule = parameterOf(rules);
/** `left => right` with neither side evaluated. */
export const unevaluatedRule = parameterOf(unevaluatedRules);
/** What `let` and its like answer. */
export const contextual = parameterOf(contexts);

/** A parameter for values of one class. */
export function instance<T extends object>(of: abstract new (...args: never[]) => T): (name: string) => Parameter<T> {
  return parameterOf(kind(`object.${of.name}`, (value): value is T => value instanceof of));
}

export function instanceOrNull<T extends object>(
  of: abstract new (...args: never[]) => T,
): (name: string) => Parameter<T | null> {
  return parameterOf(nullable(kind(`object.${of.name}`, (value): value is T => value instanceof of)));
}

/** A further condition on what a parameter accepts. */
export function only<T>(parameter: Parameter<T>, condition: (value: unknown) => boolean): Parameter<T> {
  const { kind: of } = parameter;
  return { ...parameter, kind: { ...of, accepts: (value) => of.accepts(value) && condition(value) } };
}

/** The same parameter with a default. */
export function optional<T, D>(parameter: Parameter<T>, value: D): Parameter<T | D> {
  const { name, kind: of } = parameter;
  return { name, kind: of, otherwise: { value } };
}

export { integer };
