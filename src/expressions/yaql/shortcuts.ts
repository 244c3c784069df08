import {
  add,
  asDouble,
  compareText,
  divide,
  Float,
  floorDivide,
  isInt,
  isNumber,
  modulo,
  multiply,
  subtract,
} from '../python/index.ts';

/** An operator on the operands it is mostly used with; undefined: the library must decide. */
export type Shortcut = (left: unknown, right: unknown) => unknown;

function onNumbers(compute: (left: unknown, right: unknown) => unknown): Shortcut {
  return (left, right) => (isNumber(left) && isNumber(right) ? compute(left, right) : undefined);
}

function ordering(holds: (order: number) => boolean): Shortcut {
  return (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
    if (typeof left === 'string' && typeof right === 'string') return holds(compareText(left, right));
    if (!isNumber(left) || !isNumber(right)) return undefined;
    return holds(orderOfNumbers(left, right));
  };
}

/** NaN where nothing holds. */
function orderOfNumbers(left: number | bigint | Float, right: number | bigint | Float): number {
  const a = left instanceof Float ? left.value : left;
  const b = right instanceof Float ? right.value : right;
  // JavaScript compares bigints and numbers exactly.
  if (a < b) return -1;
  if (a > b) return 1;
  return Number.isNaN(asDouble(left)) || Number.isNaN(asDouble(right)) ? Number.NaN : 0;
}

function plus(left: unknown, right: unknown): unknown {
  if (isNumber(left) ? isNumber(right) : typeof left === 'string' && typeof right === 'string') return add(left, right);
  return undefined;
}

/** `/` of two ints rounds down. */
export function quotient(left: unknown, right: unknown): unknown {
  return isInt(left) && isInt(right) ? floorDivide(left, right) : divide(left, right);
}

const SHORTCUTS: ReadonlyMap<string, Shortcut> = new Map([
  ['#operator_+', plus],
  ['#operator_-', onNumbers(subtract)],
  ['#operator_*', onNumbers(multiply)],
  ['#operator_/', onNumbers(quotient)],
  ['#operator_mod', onNumbers(modulo)],
  ['#operator_<', ordering((order) => order < 0)],
  ['#operator_>', ordering((order) => order > 0)],
  ['#operator_<=', ordering((order) => order <= 0)],
  ['#operator_>=', ordering((order) => order >= 0)],
]);

export function shortcut(name: string): Shortcut | undefined {
  return SHORTCUTS.get(name);
}
