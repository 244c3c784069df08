import { closest } from '../closest.ts';
import {
  type Arguments,
  BuiltinMethod,
  Dict,
  dictEntries,
  getItem,
  isDict,
  isRecord,
  member,
  NO_ARGUMENTS,
  PythonError,
  PythonFunction,
  PythonObject,
  Slice,
  str,
  Tuple,
  truthy,
  typeError,
} from '../python/index.ts';
import { getAttribute, getSubscript } from './attributes.ts';
import type { Environment, Filter } from './environment.ts';
import { plain } from './markup.ts';
import type { CallArguments, CompareOperator, Expression } from './nodes.ts';
import {
  binaryOperation,
  compareValues,
  concatenate,
  notCallable,
  unaryOperation,
  weighComparison,
} from './operators.ts';
import type { Run } from './run.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import { Undefined } from './undefined.ts';

export type Evaluate = (run: Run) => unknown;

/** What compiling needs to know around an expression. */
export interface Compiling {
  readonly environment: Environment;
  /** Names that the template assigns anywhere; all others are looked up outside at once. */
  readonly assigned: ReadonlySet<string>;
  /** The template's text, for line numbers in messages. */
  readonly source: string;
  /** Inside an `if`, where an unknown filter or test fails only when it is reached. */
  readonly soft: boolean;
  /**
   * Whether output is escaped. As Jinja, by where the text of the template stands: a macro that is defined outside an `autoescape`
   * block is not escaped inside one. `dynamic`: the block's switch is no constant. Default false.
   */
  readonly escaping?: boolean | 'dynamic';
}

/** Compiles an expression to a function of the run. Throws TemplateSyntaxError for unknown filters and tests. */
export function compileExpression(expression: Expression, compiling: Compiling): Evaluate {
  const compile = (inner: Expression): Evaluate => compileExpression(inner, compiling);
  const { position } = expression;
  switch (expression.kind) {
    case 'const': {
      const { value } = expression;
      return () => value;
    }
    case 'name': {
      const { name } = expression;
      return compiling.assigned.has(name) ? (run) => run.resolve(name) : (run) => run.variable(name);
    }
    case 'tuple': {
      if (expression.items.some((part) => part.kind === 'slice')) {
        throw new TemplateSyntaxError('invalid syntax', position, 'SyntaxError');
      }
      const items = expression.items.map(compile);
      return (run) => new Tuple(evaluateAll(run, items));
    }
    case 'list': {
      const items = expression.items.map(compile);
      return (run) => evaluateAll(run, items);
    }
    case 'dict': {
      const entries = expression.entries.map(({ key, value }) => [compile(key), compile(value)] as const);
      return (run) => {
        run.position = position;
        const dict = new Dict();
        for (const [key, value] of entries) dict.set(plain(key(run)), value(run));
        return dict;
      };
    }
    case 'binary': {
      const left = compile(expression.left);
      const right = compile(expression.right);
      const operate = binaryOperation(expression.operator);
      return (run) => {
        const a = left(run);
        const b = right(run);
        run.position = position;
        return operate(run, a, b);
      };
    }
    case 'unary': {
      const operand = compile(expression.operand);
      const { operator } = expression;
      if (operator === 'not') {
        return (run) => {
          const value = operand(run);
          run.position = position;
          return !truthy(value);
        };
      }
      return (run) => {
        const value = operand(run);
        run.position = position;
        return unaryOperation(operator, value);
      };
    }
    case 'logic': {
      const left = compile(expression.left);
      const wanted = expression.operator === 'and';
      // As Jinja, which works out constants first: what is never reached is never looked at.
      if (expression.left.kind === 'const' && truthy(expression.left.value) !== wanted) return left;
      const right = compile(expression.right);
      return (run) => {
        const value = left(run);
        run.position = position;
        return truthy(value) === wanted ? right(run) : value;
      };
    }
    case 'compare':
      return comparison(
        compile(expression.first),
        expression.rest.map((part) => ({ operator: part.operator, operand: compile(part.operand) })),
        position,
      );
    case 'concat': {
      const parts = expression.parts.map(compile);
      return (run) => {
        const values = evaluateAll(run, parts);
        run.position = position;
        return concatenate(run, values);
      };
    }
    case 'condition':
      return condition(expression, { ...compiling, soft: true });
    case 'attribute':
      return attribute(compile(expression.of), expression.name, position);
    case 'item':
      return item(compile(expression.of), expression.key, compile(expression.key), position);
    case 'slice': {
      const bounds = [expression.start, expression.stop, expression.step].map((bound) =>
        bound === undefined ? undefined : compile(bound),
      );
      return (run) => {
        const [start = null, stop = null, step = null] = bounds.map((bound) =>
          bound === undefined ? null : bound(run),
        );
        return new Slice(start, stop, step);
      };
    }
    case 'call': {
      const of = compile(expression.of);
      const given = compileArguments(expression.call, compiling);
      return (run) => {
        const value = of(run);
        return callValue(run, value, given(run), position);
      };
    }
    case 'filter': {
      if (expression.of === undefined) throw new Error('a filter without a value outside a filter block');
      const { of } = expression;
      return compileFilter(expression, () => compile(of), compiling);
    }
    case 'test': {
      const test = find('test', expression.name, compiling.environment.tests, compiling, position);
      const of = compile(expression.of);
      const given = compileArguments(expression.call, compiling);
      return (run) => {
        const value = of(run);
        const operands = given(run);
        run.position = position;
        run.spend(1);
        run.weigh(value);
        return test(run, value, operands);
      };
    }
  }
}

function evaluateAll(run: Run, parts: readonly Evaluate[]): unknown[] {
  const values: unknown[] = [];
  for (const part of parts) values.push(part(run));
  return values;
}

function comparison(
  first: Evaluate,
  rest: readonly { readonly operator: CompareOperator; readonly operand: Evaluate }[],
  position: number,
): Evaluate {
  return (run) => {
    let left = first(run);
    for (const { operator, operand } of rest) {
      const right = operand(run);
      run.position = position;
      run.spend(1);
      weighComparison(run, left, right);
      if (!compareValues(operator, left, right)) return false;
      left = right;
    }
    return true;
  };
}

function condition(expression: Expression & { readonly kind: 'condition' }, compiling: Compiling): Evaluate {
  const test = compileExpression(expression.test, compiling);
  const then = compileExpression(expression.then, compiling);
  const otherwise = expression.otherwise === undefined ? undefined : compileExpression(expression.otherwise, compiling);
  const line = compiling.source.slice(0, expression.position).split('\n').length;
  return (run) => {
    const value = test(run);
    run.position = expression.position;
    if (truthy(value)) return then(run);
    if (otherwise !== undefined) return otherwise(run);
    const hint = `the inline if-expression on line ${line} evaluated to false and no else section was defined.`;
    // Lenient whatever the environment says, as Jinja: it prints as nothing.
    return new Undefined({ hint }, false);
  };
}

function attribute(of: Evaluate, name: string, position: number): Evaluate {
  // Methods of dicts come before keys of that name; all other names of a plain object are its keys.
  const simple = !name.startsWith('_') && member(EMPTY, name) === undefined;
  return (run) => {
    const value = of(run);
    if (simple && isRecord(value) && Object.hasOwn(value, name)) {
      const found = value[name];
      if (found !== undefined) return found;
    }
    run.position = position;
    return getAttribute(run, value, name);
  };
}

const EMPTY = new Dict();

function item(of: Evaluate, key: Expression, compiledKey: Evaluate, position: number): Evaluate {
  if (key.kind === 'slice') {
    return (run) => {
      const value = of(run);
      const bounds = compiledKey(run);
      run.position = position;
      if (value instanceof Undefined) throw value.fail();
      return run.weigh(getItem(value, bounds));
    };
  }
  return (run) => {
    const value = of(run);
    const wanted = compiledKey(run);
    run.position = position;
    return getSubscript(run, value, wanted);
  };
}

/** Calls a value as the template wrote it. */
export function callValue(run: Run, value: unknown, given: Arguments, position: number): unknown {
  run.position = position;
  run.spend(1);
  if (!(value instanceof PythonObject)) throw notCallable(value);
  for (const argument of given.positional) run.weigh(argument);
  const result = value.call(given);
  run.position = position;
  if (run.mutable && value instanceof PythonFunction && !(value instanceof BuiltinMethod)) return run.received(result);
  return run.weigh(result);
}

/** As Jinja: of several unknown filters the outermost is the one that is reported. */
export function compileFilter(
  expression: Expression & { readonly kind: 'filter' },
  compileOf: () => Evaluate,
  compiling: Compiling,
): Evaluate {
  const { position, name } = expression;
  const filter = find('filter', name, compiling.environment.filters, compiling, position);
  const of = compileOf();
  const given = compileArguments(expression.call, compiling);
  return (run) => {
    const value = of(run);
    const operands = given(run);
    run.position = position;
    run.spend(1);
    run.weigh(value);
    return run.weigh(filter(run, value, operands));
  };
}

function find(
  what: 'filter' | 'test',
  name: string,
  known: ReadonlyMap<string, Filter>,
  compiling: Compiling,
  position: number,
): Filter {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (!compiling.soft) {
    const hint = closest(name, known.keys());
    throw new TemplateSyntaxError(`No ${what} named '${name}'.`, position, 'TemplateAssertionError', hint);
  }
  return () => {
    throw new PythonError('TemplateRuntimeError', `No ${what} named '${name}' found.`);
  };
}

export function compileArguments(call: CallArguments, compiling: Compiling): (run: Run) => Arguments {
  if (call.spread === undefined && call.spreadKeywords === undefined) {
    if (call.positional.length === 0 && call.keywords.length === 0) return () => NO_ARGUMENTS;
    const positional = call.positional.map((argument) => compileExpression(argument, compiling));
    if (call.keywords.length === 0) {
      return (run) => ({ positional: evaluateAll(run, positional), keywords: undefined });
    }
  }
  checkKeywords(call.keywords);
  const positional = call.positional.map((argument) => compileExpression(argument, compiling));
  const keywords = call.keywords.map(({ name, value }) => [name, compileExpression(value, compiling)] as const);
  const spread = call.spread === undefined ? undefined : compileExpression(call.spread, compiling);
  const more = call.spreadKeywords === undefined ? undefined : compileExpression(call.spreadKeywords, compiling);
  return (run) => {
    const values = evaluateAll(run, positional);
    if (spread !== undefined) for (const value of run.each(spread(run))) values.push(value);
    const named = new Map<string, unknown>();
    for (const [name, value] of keywords) named.set(name, value(run));
    if (more !== undefined) spreadInto(named, more(run));
    return { positional: values, keywords: named.size > 0 ? named : undefined };
  };
}

function checkKeywords(keywords: CallArguments['keywords']): void {
  const names = keywords.map((keyword) => keyword.name);
  const repeated = keywords.find((keyword, index) => names.indexOf(keyword.name) !== index);
  if (repeated === undefined) return;
  throw new TemplateSyntaxError(`keyword argument repeated: ${repeated.name}`, repeated.value.position, 'SyntaxError');
}

function spreadInto(named: Map<string, unknown>, mapping: unknown): void {
  if (mapping instanceof Undefined) throw mapping.fail();
  if (!isDict(mapping)) throw typeError('argument after ** must be a mapping');
  for (const [key, value] of dictEntries(mapping)) {
    if (typeof key !== 'string') throw typeError('keywords must be strings');
    if (named.has(key)) throw typeError(`got multiple values for keyword argument '${str(key)}'`);
    named.set(key, value);
  }
}
