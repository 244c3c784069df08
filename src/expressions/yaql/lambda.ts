import type { Context } from './context.ts';

/** How a compiled part of an expression is evaluated. */
export type Evaluate = (context: Context) => unknown;

/** An argument that is passed without being evaluated. */
export class Unevaluated {
  readonly evaluate: Evaluate;

  constructor(evaluate: Evaluate) {
    this.evaluate = evaluate;
  }
}

/** `left => right` that is passed without being evaluated. */
export class UnevaluatedRule {
  readonly source: Evaluate;
  readonly destination: Evaluate;

  constructor(source: Evaluate, destination: Evaluate) {
    this.source = source;
    this.destination = destination;
  }
}

/** `left => right`, evaluated. */
export class RuleValue {
  readonly source: unknown;
  readonly destination: unknown;

  constructor(source: unknown, destination: unknown) {
    this.source = source;
    this.destination = destination;
  }
}

/** An expression as a function: `$1`, `$2` are its arguments. */
export class Lambda {
  readonly #evaluate: Evaluate;
  readonly #context: Context;

  constructor(evaluate: Evaluate, context: Context) {
    this.#evaluate = evaluate;
    this.#context = context;
  }

  call(...given: unknown[]): unknown {
    return this.callWith(given, undefined);
  }

  /** Also with named arguments, which it sees as `$name`. */
  callWith(given: readonly unknown[], names: Map<string, unknown> | undefined): unknown {
    const { run } = this.#context;
    run.enter();
    const result = this.#evaluate(this.#context.child(given, names));
    run.leave();
    return result;
  }

  /** Evaluates in that very context instead of one of its own. */
  in(context: Context): unknown {
    context.run.enter();
    const result = this.#evaluate(context);
    context.run.leave();
    return result;
  }
}
