import { add, asInt, iterate, PythonError, PythonIterator, repr, truthy, valueError } from '../../python/index.ts';
import type { Context } from '../context.ts';
import { define } from '../definition.ts';
import type { Lambda } from '../lambda.ts';
import { any, boolean, int, iterable, lambda, optional } from '../parameters.ts';
import { FrozenSet } from '../values/frozen.ts';
import { each, type IterableValue, lazy } from '../values/iteration.ts';

type Int = number | bigint;

function sum(left: Int, right: Int): Int {
  return asInt(add(left, right)) ?? 0;
}

function* range(context: Context, start: Int, stop: Int, step: Int): Generator<Int> {
  if (step === 0) throw valueError('range() arg 3 must not be zero');
  for (let value = start; step > 0 ? value < stop : value > stop; value = sum(value, step)) {
    context.run.spend(1);
    yield value;
  }
}

/** An iterator that Python prints as the call that makes what is left of it. */
class Remaining extends PythonIterator {
  readonly #show: () => string;

  constructor(items: Iterator<unknown>, typeName: string, show: () => string) {
    super(items, typeName);
    this.#show = show;
  }

  override repr(): string {
    return this.#show();
  }
}

function endless(context: Context, start: Int, step: Int): PythonIterator {
  let next = start;
  const values = function* (): Generator<Int> {
    for (;;) {
      context.run.spend(1);
      const value = next;
      next = sum(next, step);
      yield value;
    }
  };
  return new Remaining(values(), 'itertools.count', () => (step === 1 ? `count(${next})` : `count(${next}, ${step})`));
}

function repeated(context: Context, value: unknown, times: Int): PythonIterator {
  if (times >= 2n ** 63n) throw new PythonError('OverflowError', 'Python int too large to convert to C ssize_t');
  let left = Number(times);
  const values = function* (): Generator<unknown> {
    while (times < 0 || left > 0) {
      context.run.spend(1);
      left -= 1;
      yield value;
    }
  };
  return new Remaining(values(), 'itertools.repeat', () => {
    return times < 0 ? `repeat(${repr(value)})` : `repeat(${repr(value)}, ${left})`;
  });
}

function* cycled(context: Context, values: IterableValue): Generator<unknown> {
  const seen: unknown[] = [];
  for (const value of each(context.run, values)) {
    seen.push(value);
    yield value;
  }
  while (seen.length > 0) {
    for (const value of seen) {
      context.run.spend(1);
      yield value;
    }
  }
}

function* generated(
  initial: unknown,
  predicate: Lambda,
  producer: Lambda,
  selector: Lambda | null,
  decycle: boolean,
): Generator<unknown> {
  const past = new FrozenSet();
  for (let value = initial; truthy(predicate.call(value)); value = producer.call(value)) {
    if (decycle) {
      if (past.has(value)) return;
      past.add(value);
    }
    yield selector === null ? value : selector.call(value);
  }
}

function* traversed(
  context: Context,
  initial: unknown,
  producer: Lambda,
  selector: Lambda | null,
  decycle: boolean,
  depthFirst: boolean,
): Generator<unknown> {
  const past = new FrozenSet();
  let queue: unknown[] = [initial];
  for (let next = 0; next < queue.length; next += 1) {
    const item = queue[next];
    if (decycle) {
      if (past.has(item)) continue;
      past.add(item);
    }
    yield selector === null ? item : selector.call(item);
    const produced = [...iterate(producer.call(item))];
    context.run.spend(1 + produced.length);
    if (depthFirst) {
      context.run.spend((queue.length - next) >> 4);
      queue = [undefined, ...produced, ...queue.slice(next + 1)];
      next = 0;
    } else queue.push(...produced);
  }
}

const PRODUCER = lambda('producer');
const SELECTOR = optional(lambda('selector'), null);
const DECYCLE = optional(boolean('decycle'), false);

/** Sequences out of nothing. Some of them have no end: the evaluation's budget ends them if nothing else does. */
export const GENERATORS = [
  define('range', 'function', [int('stop')], (context, stop) => lazy(range(context, 0, stop, 1), 'range_iterator')),
  define('range', 'function', [int('start'), int('stop'), optional(int('step'), 1)], (context, start, stop, step) => {
    return lazy(range(context, start, stop, step), 'range_iterator');
  }),
  define('sequence', 'function', [optional(int('start'), 0), optional(int('step'), 1)], (context, start, step) => {
    return endless(context, start, step);
  }),
  define('repeat', 'method', [any('value'), optional(int('times'), -1)], (context, value, times) => {
    return repeated(context, value, times);
  }),
  define('cycle', 'method', [iterable('collection')], (context, values) =>
    lazy(cycled(context, values), 'itertools.cycle'),
  ),
  define(
    'generate',
    'function',
    [any('initial'), lambda('predicate'), PRODUCER, SELECTOR, DECYCLE],
    (_context, initial, predicate, producer, selector, decycle) =>
      lazy(generated(initial, predicate, producer, selector, decycle)),
  ),
  define(
    'generateMany',
    'function',
    [any('initial'), PRODUCER, SELECTOR, DECYCLE, optional(boolean('depthFirst'), false)],
    (context, initial, producer, selector, decycle, depthFirst) =>
      lazy(traversed(context, initial, producer, selector, decycle, depthFirst)),
  ),
];
