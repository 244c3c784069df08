import {
  compare,
  compilePythonRegex,
  contains,
  equals,
  parseLenientDate,
  toDouble,
  typeName,
} from '../expressions/index.ts';
import { PetrelError } from '../model/index.ts';
import { compileWildcard } from './wildcard.ts';

/** Whether a looked-up value (null when there is none) satisfies the criterion; `now` in epoch milliseconds. */
export type Test = (value: unknown, now: number) => boolean;

/**
 * Takes the rendered pattern. Both steps throw `PetrelError` (`expression`), or an error of Python's values, where StackStorm's
 * operator raises.
 */
export type Operator = (pattern: unknown) => Test;

const never: Test = () => false;

/** Nearly every operator is false for a null pattern, before it looks at the value. */
function unlessNull(operator: Operator): Operator {
  return (pattern) => (pattern === null ? never : operator(pattern));
}

function text(value: unknown, role: 'value' | 'pattern'): string {
  if (typeof value === 'string') return value;
  throw new PetrelError('expression', `The operator needs text, and the ${role} is of type ${typeName(value)}.`);
}

function onText(test: (value: string, pattern: string) => boolean): Operator {
  return unlessNull((pattern) => {
    const wanted = text(pattern, 'pattern');
    return (value) => test(text(value, 'value'), wanted);
  });
}

/** Lower case, not case folding: `ß` stays apart from `SS`. */
function onLowerText(test: (value: string, pattern: string) => boolean): Operator {
  return unlessNull((pattern) => {
    const wanted = text(pattern, 'pattern').toLowerCase();
    return (value) => test(text(value, 'value').toLowerCase(), wanted);
  });
}

const equal: Operator = unlessNull((pattern) =>
  typeof pattern === 'string' ? (value) => value === pattern : (value) => equals(value, pattern),
);
const notEqual: Operator = (pattern) => (value) => !equals(value, pattern);
const iequal = onLowerText((value, pattern) => value === pattern);
const less: Operator = unlessNull((pattern) => (value) => compare(value, pattern, '<') < 0);
const greater: Operator = unlessNull((pattern) => (value) => compare(value, pattern, '>') > 0);
const inside: Operator = unlessNull((pattern) => (value) => contains(pattern, value));
const notInside: Operator = unlessNull((pattern) => (value) => !contains(pattern, value));

function secondsSince(holds: (seconds: number, limit: number) => boolean): Operator {
  return unlessNull((pattern) => {
    const limit = toDouble(pattern);
    return (value, now) => holds((now - parseLenientDate(text(value, 'value'), now)) / 1000, limit);
  });
}
const timeLess = secondsSince((seconds, limit) => seconds < limit);
const timeGreater = secondsSince((seconds, limit) => seconds > limit);

const wildcard: Operator = unlessNull((pattern) => {
  const matches = compileWildcard(text(pattern, 'pattern'));
  return (value) => matches(text(value, 'value'));
});

const matchRegex: Operator = unlessNull((pattern) => {
  const regex = compilePythonRegex(text(pattern, 'pattern'), { dotAll: true });
  return (value) => regex.testStart(text(value, 'value'));
});

function searchRegex(ignoreCase: boolean): Operator {
  return unlessNull((pattern) => {
    const regex = compilePythonRegex(text(pattern, 'pattern'), { ignoreCase });
    return (value) => regex.test(text(value, 'value'));
  });
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['equals', equal],
  ['eq', equal],
  ['nequals', notEqual],
  ['neq', notEqual],
  ['iequals', iequal],
  ['ieq', iequal],
  ['contains', unlessNull((pattern) => (value) => contains(value, pattern))],
  ['icontains', onLowerText((value, pattern) => value.includes(pattern))],
  ['ncontains', unlessNull((pattern) => (value) => !contains(value, pattern))],
  ['incontains', onLowerText((value, pattern) => !value.includes(pattern))],
  ['startswith', onText((value, pattern) => value.startsWith(pattern))],
  ['istartswith', onLowerText((value, pattern) => value.startsWith(pattern))],
  ['endswith', onText((value, pattern) => value.endsWith(pattern))],
  ['iendswith', onLowerText((value, pattern) => value.endsWith(pattern))],
  ['lessthan', less],
  ['lt', less],
  ['greaterthan', greater],
  ['gt', greater],
  ['timediff_lt', timeLess],
  ['td_lt', timeLess],
  ['timediff_gt', timeGreater],
  ['td_gt', timeGreater],
  ['matchwildcard', wildcard],
  ['matchregex', matchRegex],
  ['regex', searchRegex(false)],
  ['iregex', searchRegex(true)],
  ['exists', () => (value) => value !== null],
  ['nexists', () => (value) => value === null],
  ['inside', inside],
  ['in', inside],
  ['ninside', notInside],
  ['nin', notInside],
]);

/** The operator of a name in any case (stackstorm-rules.md, section 6), `search` apart; undefined when there is none. */
export function operatorOf(name: string): Operator | undefined {
  return OPERATORS.get(name.toLowerCase());
}

/** Names of all operators, as completion and validation offer them. */
export const OPERATOR_NAMES: readonly string[] = [...OPERATORS.keys(), 'search'];
