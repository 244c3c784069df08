import { isMutator, PythonIterator, underAllowance } from '../python/index.ts';
import { type Compiling, compileExpression, type Evaluate } from './compile-expression.ts';
import { compileBody, type Execute, SelfReference } from './compile-statement.ts';
import type { Environment } from './environment.ts';
import { evaluationFailure, hintFor } from './failure.ts';
import { freeVariables } from './free-variables.ts';
import { normalized } from './lexer.ts';
import { plain } from './markup.ts';
import type { Body, Expression } from './nodes.ts';
import { parseBareExpression, parseTemplate } from './parse-template.ts';
import { Run, type Variables } from './run.ts';
import { targetNames, walk, walkExpressions } from './scopes.ts';
import { TemplateSyntaxError } from './syntax-error.ts';
import { Undefined } from './undefined.ts';

/** A compiled template. All methods throw `PetrelError` (`expression`), and let pass what their inputs throw (`MissingInput`). */
export interface Template {
  readonly source: string;
  /** The text of the template with these variables. */
  render(variables: Variables): string;
  /**
   * The native value when the template is one single `{{ ... }}` and nothing else (undefined values are an error); else the text,
   * as `render`.
   */
  evaluate(variables: Variables): unknown;
  /** The names it may look up outside itself, as `jinja2.meta.find_undeclared_variables`. */
  readonly variables: ReadonlySet<string>;
}

/** A compiled bare expression (what stands between `{{` and `}}`). */
export interface CompiledExpression {
  readonly source: string;
  /**
   * Its native value, a generator as a list; `undefined` when the expression is an undefined value that was never used (a lenient
   * one, of an `if` without `else`, comes as it is): `whenUndefined` is then told of a known name that is close, if there is one.
   */
  evaluate(variables: Variables, whenUndefined?: (hint: string) => void): unknown;
  readonly variables: ReadonlySet<string>;
}

/** Compiles a template. Throws TemplateSyntaxError, also for unknown filters and tests. */
export function compileTemplate(source: string, environment: Environment): Template {
  const body = parseTemplate(source);
  const text = normalized(source);
  const blocks = new Map<string, Execute>();
  checkBlocks(body);
  const assigned = assignedNames(body);
  const compiling: Compiling = { environment, assigned, source: text, soft: false };
  const execute = compileBody(body, compiling, blocks);
  const mutable = mutates(body);
  const usesSelf = namesSelf(body);
  const [only] = body;
  const single = body.length === 1 && only?.kind === 'output' ? compileExpression(only.value, compiling) : undefined;
  let variables: ReadonlySet<string> | undefined;

  const start = (given: Variables): Run => {
    const run = new Run(environment, given, mutable);
    if (usesSelf) run.scope.set('self', new SelfReference(run, blocks));
    return run;
  };
  const render = (given: Variables): string =>
    guarded(text, start(given), given, (run) => {
      execute(run);
      return run.out;
    });
  return {
    source,
    render,
    evaluate: (given) => (single === undefined ? render(given) : guarded(text, start(given), given, native(single))),
    get variables() {
      variables ??= freeVariables(body, environment.globals);
      return variables;
    },
  };
}

function native(evaluate: Evaluate): (run: Run) => unknown {
  return (run) => {
    const value = evaluate(run);
    if (value instanceof Undefined) value.str();
    return value;
  };
}

export function compileBareExpression(source: string, environment: Environment): CompiledExpression {
  const expression = parseBareExpression(source);
  const body: Body = [{ kind: 'output', value: expression, position: 0 }];
  const evaluate = compileExpression(expression, { environment, assigned: new Set(), source, soft: false });
  const mutable = mutates(body);
  let variables: ReadonlySet<string> | undefined;
  return {
    source,
    evaluate: (given, whenUndefined) =>
      guarded(source, new Run(environment, given, mutable), given, (run) => {
        const value = plain(evaluate(run));
        if (value instanceof PythonIterator && value.typeName === 'generator') return [...run.items(value)];
        if (!(value instanceof Undefined) || !value.isStrict) return value;
        whenUndefined?.(hintFor(value.fail(), names(given, environment)));
        return undefined;
      }),
    get variables() {
      variables ??= freeVariables(body, environment.globals);
      return variables;
    },
  };
}

/** About a second of printing and comparing. */
const ALLOWED_NODES = 5_000_000;

function guarded<T>(source: string, run: Run, given: Variables, compute: (run: Run) => T): T {
  try {
    return underAllowance({ nodes: ALLOWED_NODES }, () => compute(run));
  } catch (error) {
    throw evaluationFailure(source, run.position, error, names(given, run.environment));
  }
}

function* names(given: Variables, environment: Environment): Generator<string> {
  yield* given instanceof Map ? given.keys() : Object.keys(given);
  yield* environment.globals.keys();
}

/** Names that are assigned anywhere in a template, and those that loops, macros and blocks bring. */
function assignedNames(body: Body): ReadonlySet<string> {
  const assigned = new Set(['loop', 'self', 'caller', 'kwargs', 'varargs']);
  walk(body, (statement) => {
    if (statement.kind === 'for' || statement.kind === 'set' || statement.kind === 'set-block') {
      for (const name of targetNames(statement.target)) {
        if (name === 'loop' && statement.kind === 'for') {
          throw new TemplateSyntaxError(
            "Can't assign to special loop variable in for-loop target",
            statement.position,
            'TemplateAssertionError',
          );
        }
        assigned.add(name);
      }
    } else if (statement.kind === 'with') {
      for (const binding of statement.bindings) for (const name of targetNames(binding.target)) assigned.add(name);
    } else if (statement.kind === 'macro' || statement.kind === 'call-block') {
      if (statement.kind === 'macro') assigned.add(statement.name);
      for (const parameter of statement.signature.parameters) assigned.add(parameter.name);
    } else if (statement.kind === 'load') for (const name of statement.names) assigned.add(name);
  });
  return assigned;
}

/** Whether a template may change lists or dicts in place: it names one of their changing methods somewhere. */
function mutates(body: Body): boolean {
  let found = false;
  walkExpressions(body, (expression: Expression) => {
    if (expression.kind === 'attribute' && isMutator(expression.name)) found = true;
    if (expression.kind === 'const' && typeof expression.value === 'string' && isMutator(expression.value))
      found = true;
  });
  return found;
}

/** Whether a template speaks of its own blocks, inside blocks as well. */
function namesSelf(body: Body): boolean {
  let found = false;
  walkExpressions(body, (expression) => {
    if (expression.kind === 'name' && expression.name === 'self') found = true;
  });
  return found;
}

function checkBlocks(body: Body): void {
  const seen = new Set<string>();
  walk(body, (statement) => {
    if (statement.kind !== 'block') return;
    if (seen.has(statement.name)) {
      throw new TemplateSyntaxError(
        `block '${statement.name}' defined twice`,
        statement.position,
        'TemplateAssertionError',
      );
    }
    seen.add(statement.name);
  });
}
