import { contains, equals, getItem, Tuple, truthy } from '../python/index.ts';
import { CallSite } from './call-site.ts';
import { Context } from './context.ts';
import { NO_RECEIVER, noMatch } from './failures.ts';
import { invoke } from './invoke.ts';
import { type Evaluate, RuleValue, Unevaluated } from './lambda.ts';
import type { Library } from './levels.ts';
import { candidatesOf, NO_KEYWORDS } from './overloads.ts';
import { property } from './property.ts';
import { shortcut } from './shortcuts.ts';
import type { Call, Node, Rule } from './syntax/nodes.ts';
import { FrozenDict } from './values/frozen.ts';

/** Turns a tree into a function. Names of functions are looked up when the result is called: `def` may add some. */
export function compileNode(node: Node, library: Library): Evaluate {
  switch (node.kind) {
    case 'constant':
    case 'keyword': {
      const { value } = node;
      return () => value;
    }
    case 'variable':
      return variable(node.name);
    case 'wrapped':
      return compileNode(node.inner, library);
    case 'rule': {
      const source = compileNode(node.source, library);
      const destination = compileNode(node.destination, library);
      return (context) => new RuleValue(source(context), destination(context));
    }
    case 'call':
      return compileCall(node, library);
  }
}

/** Unknown variables are null. */
function variable(name: string): Evaluate {
  if (/^[1-9]\d{0,3}$/.test(name)) {
    const index = Number(name);
    return (context) => context.argument(index) ?? null;
  }
  return (context) => context.named(name) ?? null;
}

function compileCall(node: Call, library: Library): Evaluate {
  const site = new CallSite(node, library, (argument) => compileNode(argument, library));
  const general: Evaluate = (context) => site.callFunction(context);
  if (node.written) return general;
  const quick = operation(node, library);
  if (quick === undefined) return general;
  // A `def` may have put something else in the operator's place.
  return (context) =>
    context.hasFunctions && context.defined(node.name).length > 0 ? general(context) : quick(context);
}

const NOT_KNOWN = new Unevaluated(() => null);

/** Whether no function of that name takes the literals among the operands: it fails before anything is evaluated. */
function refuses(name: string, operands: readonly Node[], library: Library): boolean {
  if (name === '#operator_.' || name === '#operator_?.') return false;
  const known = operands.map(({ kind, ...node }) => ('value' in node ? node.value : NOT_KNOWN));
  return candidatesOf(library.functions(name), known, NO_KEYWORDS).length === 0;
}

/** The operators, without the general search for a function where that would find the same. */
function operation(node: Call, library: Library): Evaluate | undefined {
  const [left, right, ...more] = node.arguments;
  if (node.name === '#list') return list(node, library);
  if (node.name === '#map') return map(node, library);
  if (left === undefined || left.kind === 'rule') return undefined;
  if (node.name === '#unary_operator_not') {
    const evaluate = compileNode(left, library);
    return (context) => !truthy(evaluate(context));
  }
  if (right === undefined || right.kind === 'rule' || more.length > 0) return undefined;
  if (refuses(node.name, [left, right], library)) return undefined;
  const a = compileNode(left, library);
  if (node.name === '#operator_.' || node.name === '#operator_?.') {
    const of = access(right, library);
    if (node.name === '#operator_.') return isAccess(right) ? (context) => of(context, a(context)) : refused;
    return (context) => {
      const receiver = a(context);
      return receiver === null ? null : of(context, receiver);
    };
  }
  const b = compileNode(right, library);
  const { name, position } = node;
  switch (name) {
    case '#operator_and':
      return (context) => {
        const value = a(context);
        return truthy(value) ? b(context) : value;
      };
    case '#operator_or':
      return (context) => {
        const value = a(context);
        return truthy(value) ? value : b(context);
      };
    case '#operator_->':
      return (context) => {
        const inner = a(context);
        if (!(inner instanceof Context)) throw noMatch(name, NO_RECEIVER);
        return b(inner);
      };
    case '*equal':
      return (context) => equals(a(context), b(context));
    case '*not_equal':
      return (context) => !equals(a(context), b(context));
    default:
  }
  const attempt = shortcut(name) ?? (name === '#indexer' ? indexed : name === '#operator_in' ? within : undefined);
  return (context) => {
    context.run.spend(1);
    const first = a(context);
    const second = b(context);
    context.run.position = position;
    const result = attempt?.(first, second);
    return result === undefined ? invoke(context, name, [first, second]) : result;
  };
}

function indexed(value: unknown, key: unknown): unknown {
  if (value instanceof Tuple && typeof key === 'number' && Number.isSafeInteger(key)) return getItem(value, key);
  return value instanceof FrozenDict ? getItem(value, key) : undefined;
}

function within(value: unknown, container: unknown): unknown {
  return container instanceof Tuple ? contains(container, value) : undefined;
}

function list(node: Call, library: Library): Evaluate | undefined {
  const items: Evaluate[] = [];
  for (const item of node.arguments) {
    if (item === undefined || item.kind === 'rule') return undefined;
    items.push(compileNode(item, library));
  }
  return (context) => {
    context.run.spend(1);
    return new Tuple(items.map((item) => item(context)));
  };
}

function map(node: Call, library: Library): Evaluate | undefined {
  const rules = node.arguments.filter((argument): argument is Rule => argument?.kind === 'rule');
  if (rules.length !== node.arguments.length) return undefined;
  const entries = rules.map(
    (rule) => [compileNode(rule.source, library), compileNode(rule.destination, library)] as const,
  );
  return (context) => {
    context.run.spend(1 + entries.length);
    return new FrozenDict(entries.map(([key, value]) => [key(context), value(context)] as const));
  };
}

/** What is no name and no call is refused before anything is evaluated. */
function isAccess(right: Node): boolean {
  return right.kind === 'keyword' || (right.kind === 'call' && right.written);
}

function refused(): never {
  throw noMatch('#operator_.', NO_RECEIVER);
}

/** What stands right of a dot: a call gets the left side as its receiver, a name is a key or a property. */
function access(right: Node, library: Library): (context: Context, receiver: unknown) => unknown {
  const { position } = right;
  if (right.kind === 'call' && right.written) {
    const site = new CallSite(right, library, (argument) => compileNode(argument, library));
    return (context, receiver) => site.callMethod(context, receiver);
  }
  if (right.kind === 'keyword') {
    const name = right.value;
    return (context, receiver) => {
      context.run.spend(1);
      context.run.position = position;
      return property(context, receiver, name);
    };
  }
  return refused;
}
