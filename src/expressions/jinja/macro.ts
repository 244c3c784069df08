import { type Arguments, Dict, PythonObject, Tuple, textRepr, typeError } from '../python/index.ts';
import type { Evaluate } from './compile-expression.ts';
import type { Execute } from './compile-statement.ts';
import { Markup } from './markup.ts';
import { type Run, Scope } from './run.ts';

/** What is known of a macro when the template is compiled. */
export interface MacroPlan {
  /** Undefined for the body of a `call` block. */
  readonly name: string | undefined;
  readonly parameters: readonly { readonly name: string; readonly otherwise: Evaluate | undefined }[];
  readonly body: Execute;
  /** Which of the special names the body reads without having them as parameters. */
  readonly caller: boolean;
  readonly kwargs: boolean;
  readonly varargs: boolean;
}

/** A macro: called, it answers the text of its body. It sees the names around its definition. */
export class Macro extends PythonObject {
  readonly typeName = 'Macro';
  private readonly plan: MacroPlan;
  private readonly run: Run;
  private readonly scope: Scope;

  constructor(plan: MacroPlan, run: Run) {
    super();
    this.plan = plan;
    this.run = run;
    this.scope = run.scope;
  }

  override repr(): string {
    return this.plan.name === undefined ? '<Macro anonymous>' : `<Macro ${textRepr(this.plan.name)}>`;
  }

  override attribute(name: string): unknown {
    const { plan } = this;
    switch (name) {
      case 'name':
        return plan.name ?? null;
      case 'arguments':
        return new Tuple(plan.parameters.map((parameter) => parameter.name));
      case 'caller':
        return plan.caller;
      case 'catch_kwargs':
        return plan.kwargs;
      case 'catch_varargs':
        return plan.varargs;
      default:
        return undefined;
    }
  }

  override call(given: Arguments): unknown {
    const { run, plan } = this;
    run.enter();
    const scope = this.bound(given);
    const text = run.within(scope, () => {
      this.defaults(scope);
      return run.capture(() => plan.body(run));
    });
    run.leave();
    return run.escaping ? new Markup(text) : text;
  }

  private bound(given: Arguments): Scope {
    const { plan } = this;
    const scope = new Scope(this.scope);
    const keywords = new Map(given.keywords);
    plan.parameters.forEach(({ name }, index) => {
      const value = index < given.positional.length ? given.positional[index] : keywords.get(name);
      if (index >= given.positional.length) keywords.delete(name);
      if (value !== undefined) scope.set(name, value);
    });
    if (plan.caller) {
      scope.set('caller', keywords.get('caller') ?? this.run.undefined({ hint: 'No caller defined', name: 'caller' }));
      keywords.delete('caller');
    }
    const shown = plan.name === undefined ? 'None' : textRepr(plan.name);
    if (plan.kwargs) scope.set('kwargs', new Dict(keywords));
    else if (keywords.has('caller')) {
      throw typeError(
        `macro ${shown} was invoked with two values for the special caller argument. This is most likely a bug.`,
      );
    } else if (keywords.size > 0) {
      throw typeError(`macro ${shown} takes no keyword argument ${textRepr([...keywords.keys()][0] ?? '')}`);
    }
    const extra = given.positional.slice(plan.parameters.length);
    if (plan.varargs) scope.set('varargs', new Tuple(extra));
    else if (extra.length > 0) {
      throw typeError(`macro ${shown} takes not more than ${plan.parameters.length} argument(s)`);
    }
    return scope;
  }

  /** Defaults are evaluated at each call, and see the parameters before them. */
  private defaults(scope: Scope): void {
    for (const { name, otherwise } of this.plan.parameters) {
      if (scope.get(name) !== undefined) continue;
      const value =
        otherwise === undefined
          ? this.run.undefined({ hint: `parameter ${textRepr(name)} was not provided`, name })
          : otherwise(this.run);
      scope.set(name, value);
    }
  }
}
