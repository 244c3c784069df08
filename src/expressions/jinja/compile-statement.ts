import { PythonError, PythonObject, textRepr, truthy, typeError } from '../python/index.ts';
import {
  type Compiling,
  callValue,
  compileArguments,
  compileExpression,
  compileFilter,
  type Evaluate,
} from './compile-expression.ts';
import { Namespace } from './globals.ts';
import { LoopContext } from './loop.ts';
import { Macro, type MacroPlan } from './macro.ts';
import { Markup } from './markup.ts';
import type { Body, Expression, Signature, Statement, Target } from './nodes.ts';
import { type Run, Scope } from './run.ts';
import { reads, targetNames, walk } from './scopes.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import { unpacked } from './unpacking.ts';

export { SelfReference } from './self-reference.ts';

export type Execute = (run: Run) => void;

/** Compiles statements to one function. `blocks` collects the template's named blocks. */
export function compileBody(body: Body, compiling: Compiling, blocks: Map<string, Execute>): Execute {
  const steps = body.map((statement) => compileStatement(statement, compiling, blocks));
  const [first, second] = steps;
  if (first === undefined) return () => undefined;
  if (second === undefined) return first;
  return (run) => {
    for (const step of steps) step(run);
  };
}

function compileStatement(statement: Statement, compiling: Compiling, blocks: Map<string, Execute>): Execute {
  const { position } = statement;
  /** Bodies with a scope of their own: an unknown filter inside fails at once again. */
  const inner = (body: Body): Execute => compileBody(body, { ...compiling, soft: false }, blocks);
  switch (statement.kind) {
    case 'text': {
      const { text } = statement;
      return (run) => {
        run.append(text);
        run.spend(1 + (text.length >> 5));
      };
    }
    case 'output': {
      const value = compileExpression(statement.value, compiling);
      const escapes = escapesIn(compiling);
      return (run) => {
        const result = value(run);
        run.position = position;
        run.spend(1);
        run.write(result, escapes(run));
      };
    }
    case 'if': {
      const soft = { ...compiling, soft: true };
      const branches = statement.branches.map(({ test, body }) => ({
        test: compileExpression(test, soft),
        body: compileBody(body, soft, blocks),
      }));
      const otherwise = compileBody(statement.otherwise, soft, blocks);
      return (run) => {
        run.spend(1);
        for (const branch of branches) {
          const value = branch.test(run);
          run.position = position;
          if (truthy(value)) return branch.body(run);
        }
        return otherwise(run);
      };
    }
    case 'for':
      return compileLoop(statement, compiling, inner);
    case 'set': {
      const value = compileExpression(statement.value, compiling);
      const assign = compileTarget(statement.target);
      return (run) => {
        run.spend(1);
        const result = value(run);
        run.position = position;
        assign(run, result);
      };
    }
    case 'set-block': {
      const filter =
        statement.filter === undefined ? undefined : blockFilter(statement.filter, { ...compiling, soft: false });
      const body = inner(statement.body);
      const escapes = escapesIn(compiling);
      const assign = compileTarget(statement.target);
      return (run) => {
        const value = run.within(new Scope(run.scope), () => {
          const text = run.capture(() => body(run));
          return filter === undefined ? text : filter(run, text);
        });
        assign(run, escapes(run) && typeof value === 'string' ? new Markup(value) : value);
      };
    }
    case 'with': {
      const bindings = statement.bindings.map(({ target, value }) => ({
        assign: compileTarget(target),
        value: compileExpression(value, compiling),
      }));
      const body = inner(statement.body);
      return (run) => {
        const scope = new Scope(run.scope);
        for (const { assign, value } of bindings) {
          const result = value(run);
          run.within(scope, () => assign(run, result));
        }
        run.within(scope, () => body(run));
      };
    }
    case 'macro': {
      const plan = macroPlan(statement.name, statement.signature, statement.body, compiling, inner, position);
      return (run) => {
        run.scope.set(statement.name, new Macro(plan, run));
      };
    }
    case 'call-block': {
      const plan = macroPlan(undefined, statement.signature, statement.body, compiling, inner, position);
      const of = compileExpression(statement.call.of, compiling);
      const given = compileArguments(statement.call.call, compiling);
      return (run) => {
        const value = of(run);
        const { positional, keywords } = given(run);
        const withCaller = new Map(keywords).set('caller', new Macro(plan, run));
        run.writeText(callValue(run, value, { positional, keywords: withCaller }, position));
      };
    }
    case 'filter-block': {
      const body = inner(statement.body);
      const filter = blockFilter(statement.filter, { ...compiling, soft: false });
      const escapes = escapesIn(compiling);
      return (run) => {
        run.within(new Scope(run.scope), () => {
          const text = run.capture(() => body(run));
          run.writeText(filter(run, escapes(run) ? new Markup(text) : text));
        });
      };
    }
    case 'block': {
      const { name } = statement;
      const parent = reads(statement.body, 'super');
      const assigned = parent ? new Set([...compiling.assigned, 'super']) : compiling.assigned;
      // A block stands for itself: an `autoescape` around it does not reach inside.
      const body = compileBody(statement.body, { ...compiling, soft: false, escaping: false, assigned }, blocks);
      blocks.set(name, body);
      return (run) => {
        if (statement.required)
          throw new PythonError('TemplateRuntimeError', `Required block ${textRepr(name)} not found`);
        const scope = new Scope(statement.scoped ? run.scope : run.root);
        if (parent) scope.set('super', run.undefined({ hint: `there is no parent block called ${textRepr(name)}.` }));
        run.within(scope, () => body(run));
      };
    }
    case 'autoescape': {
      const on = compileExpression(statement.on, compiling);
      const escaping = statement.on.kind === 'const' ? truthy(statement.on.value) : 'dynamic';
      const body = compileBody(statement.body, { ...compiling, soft: false, escaping }, blocks);
      return (run) => {
        const outer = run.escaping;
        run.escaping = truthy(on(run));
        run.within(new Scope(run.scope), () => body(run));
        run.escaping = outer;
      };
    }
    case 'load': {
      const template = compileExpression(statement.template, compiling);
      return (run) => {
        template(run);
        run.position = position;
        throw typeError('no loader for this environment specified');
      };
    }
  }
}

function escapesIn(compiling: Compiling): (run: Run) => boolean {
  const { escaping = false } = compiling;
  return escaping === 'dynamic' ? (run) => run.escaping : () => escaping;
}

/** A chain of filters applied to a block's text. */
function blockFilter(filter: Expression, compiling: Compiling): (run: Run, text: unknown) => unknown {
  if (filter.kind !== 'filter') throw new Error('a filter block without a filter');
  let text: unknown = '';
  const chain = (node: Expression & { readonly kind: 'filter' }): Evaluate => {
    const of: Evaluate = node.of?.kind === 'filter' ? chain(node.of) : () => text;
    return compileFilter(node, () => of, compiling);
  };
  const evaluate = chain(filter);
  return (run, value) => {
    text = value;
    return evaluate(run);
  };
}

function macroPlan(
  name: string | undefined,
  signature: Signature,
  body: Body,
  compiling: Compiling,
  inner: (body: Body) => Execute,
  position: number,
): MacroPlan {
  checkParameters(signature, body, position);
  const isParameter = (special: string) => signature.parameters.some((parameter) => parameter.name === special);
  return {
    name,
    parameters: signature.parameters.map((parameter) => ({
      name: parameter.name,
      otherwise:
        parameter.otherwise === undefined
          ? undefined
          : compileExpression(parameter.otherwise, { ...compiling, soft: false }),
    })),
    body: inner(body),
    caller: reads(body, 'caller') && !isParameter('caller'),
    kwargs: reads(body, 'kwargs') && !isParameter('kwargs'),
    varargs: reads(body, 'varargs') && !isParameter('varargs'),
  };
}

function checkParameters(signature: Signature, body: Body, position: number): void {
  const { parameters } = signature;
  const caller = parameters.find((parameter) => parameter.name === 'caller');
  if (caller !== undefined && caller.otherwise === undefined && reads(body, 'caller')) {
    throw new TemplateSyntaxError(
      'When defining macros or call blocks the special "caller" argument must be omitted or be given a default.',
      position,
      'TemplateAssertionError',
    );
  }
  const names = parameters.map((parameter) => parameter.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new TemplateSyntaxError(`duplicate argument '${twice}' in function definition`, position, 'SyntaxError');
  }
}

type Assign = (run: Run, value: unknown) => void;

function compileTarget(target: Target): Assign {
  switch (target.kind) {
    case 'name': {
      const { name } = target;
      return (run, value) => {
        run.scope.set(name, value);
      };
    }
    case 'member':
      return (run, value) => {
        const of = run.resolve(target.of);
        if (!(of instanceof Namespace)) {
          throw new PythonError('TemplateRuntimeError', 'cannot assign attribute on non-namespace object');
        }
        of.set(target.name, value);
      };
    case 'tuple': {
      const parts = target.items.map(compileTarget);
      return (run, value) => {
        const items = unpacked(run, value, parts.length);
        parts.forEach((assign, index) => {
          assign(run, items[index]);
        });
      };
    }
  }
}

function compileLoop(
  statement: Statement & { readonly kind: 'for' },
  compiling: Compiling,
  inner: (body: Body) => Execute,
): Execute {
  checkLoopVariable(statement);
  const over = compileExpression(statement.over, compiling);
  const test =
    statement.test === undefined ? undefined : compileExpression(statement.test, { ...compiling, soft: false });
  const assign = compileTarget(statement.target);
  const body = inner(statement.body);
  const otherwise = statement.otherwise.length === 0 ? undefined : inner(statement.otherwise);
  const escapes = escapesIn(compiling);
  const special = statement.recursive || reads(statement.body, 'loop');

  /** The items that the loop's own `if` lets through, decided one at a time. */
  function* chosen(run: Run, items: unknown, condition: Evaluate, outer: Scope): Generator<unknown> {
    for (const value of run.each(items)) {
      const scope = new Scope(outer);
      const passes = run.within(scope, () => {
        assign(run, value);
        return truthy(condition(run));
      });
      if (passes) yield value;
    }
  }

  const iterate = (run: Run, items: unknown, outer: Scope, depth: number): void => {
    run.position = statement.position;
    const source = test === undefined ? items : new Chosen(chosen(run, items, test, outer));
    let empty = true;
    const once = (value: unknown, loop: LoopContext | undefined): void => {
      empty = false;
      const scope = new Scope(outer);
      if (loop !== undefined) scope.set('loop', loop);
      run.scope = scope;
      assign(run, value);
      body(run);
      run.scope = outer;
    };
    if (special) {
      const recurse = statement.recursive
        ? (others: unknown, level: number): string | Markup => {
            run.enter();
            const text = run.within(outer, () => run.capture(() => iterate(run, others, outer, level)));
            run.leave();
            return escapes(run) ? new Markup(text) : text;
          }
        : undefined;
      const loop = new LoopContext(run, source, depth, recurse);
      for (let step = loop.step(); step !== undefined; step = loop.step()) once(step.value, loop);
    } else for (const value of run.each(source)) once(value, undefined);
    if (empty && otherwise !== undefined) run.within(new Scope(outer), () => otherwise(run));
  };
  return (run) => iterate(run, over(run), run.scope, 0);
}

/** Nothing inside a loop may assign the name `loop`. */
function checkLoopVariable(statement: Statement): void {
  walk([statement], (inner) => {
    if (inner.kind !== 'set' && inner.kind !== 'set-block' && inner.kind !== 'for') return;
    if (!targetNames(inner.target).includes('loop')) return;
    throw new TemplateSyntaxError(
      "Can't assign to special loop variable in for-loop target",
      inner.position,
      'TemplateAssertionError',
    );
  });
}

/** What a filtered loop iterates: has no length before it has been gone through. */
class Chosen extends PythonObject {
  readonly typeName = 'generator';
  private readonly items: Iterator<unknown>;

  constructor(items: Iterator<unknown>) {
    super();
    this.items = items;
  }

  override iterate(): Iterator<unknown> {
    return this.items;
  }
}
