import type { Context } from './context.ts';
import { ambiguous, badPair, NO_RECEIVER, unknownName } from './failures.ts';
import { levelsOf, takesRules } from './invoke.ts';
import { type Evaluate, RuleValue, Unevaluated, UnevaluatedRule } from './lambda.ts';
import { type Levels, type Library, trimmed } from './levels.ts';
import {
  agreeOnLazy,
  type CandidateLevels,
  candidatesOf,
  choose,
  type Keywords,
  NO_KEYWORDS,
  OMITTED,
  run,
} from './overloads.ts';
import type { Argument, Call, Node } from './syntax/nodes.ts';

/** Stands for a receiver that is not known yet. */
const UNKNOWN = new Unevaluated(() => null);

/** A call as it is written: what can be known of it before evaluation is worked out once. */
export class CallSite {
  readonly #name: string;
  readonly #position: number;
  readonly #library: Library;
  readonly #arguments: readonly Prepared[];
  #function: Plan | undefined;
  #method: Plan | undefined;

  /** `compile` turns the arguments into functions. */
  constructor(node: Call, library: Library, compile: (node: Node) => Evaluate) {
    this.#name = node.name;
    this.#position = node.position;
    this.#library = library;
    this.#arguments = node.arguments.map((argument) => prepare(argument, compile));
  }

  callFunction(context: Context): unknown {
    if (context.hasFunctions && context.defined(trimmed(this.#name)).length > 0) {
      const levels = levelsOf(context, this.#name, NO_RECEIVER);
      return this.#call(context, NO_RECEIVER, planOf(this.#name, NO_RECEIVER, levels, this.#arguments));
    }
    this.#function ??= planOf(this.#name, NO_RECEIVER, this.#library.functions(this.#name), this.#arguments);
    return this.#call(context, NO_RECEIVER, this.#function);
  }

  callMethod(context: Context, receiver: unknown): unknown {
    this.#method ??= planOf(this.#name, receiver, this.#library.methods(this.#name), this.#arguments);
    return this.#call(context, receiver, this.#method);
  }

  #call(context: Context, receiver: unknown, plan: Plan): unknown {
    const name = this.#name;
    context.run.spend(1);
    context.run.position = this.#position;
    if (!plan.known) throw unknownName(name, receiver);
    const isMethod = receiver !== NO_RECEIVER;
    const levels = isMethod ? accepting(plan.levels, receiver) : plan.levels;
    const first = levels[0]?.[0];
    if (!plan.agreed && !agreeOnLazy(levels)) throw ambiguous(name, receiver);
    const positional: unknown[] = isMethod ? [receiver] : [];
    let keywords = NO_KEYWORDS;
    if (first !== undefined) {
      for (const [index, argument] of plan.positional.entries()) {
        const parameter = first.positional[isMethod ? index + 1 : index];
        positional.push(parameter?.kind.lazy === true ? argument.passed : argument.value(context));
      }
      if (plan.keywords.size > 0) {
        const named = new Map<string, unknown>();
        for (const [keyword, argument] of plan.keywords) {
          const parameter = first.keywords.get(keyword);
          named.set(keyword, parameter?.kind.lazy === true ? argument.passed : argument.value(context));
        }
        keywords = named;
      }
      context.run.position = this.#position;
    }
    return run(choose(name, receiver, levels, positional, keywords), context, positional, keywords);
  }
}

/** An argument as it is written. */
interface Prepared {
  /** What a parameter that takes it unevaluated gets, and what candidates are chosen by: constants are known already. */
  readonly passed: unknown;
  readonly value: Evaluate;
  readonly rule: { readonly name: string | undefined; readonly destination: Prepared } | undefined;
}

function prepare(argument: Argument, compile: (node: Node) => Evaluate): Prepared {
  if (argument === undefined) return { passed: OMITTED, value: () => OMITTED, rule: undefined };
  if (argument.kind === 'rule') {
    const source = compile(argument.source);
    const destination = prepare(argument.destination, compile);
    const name = argument.source.kind === 'keyword' ? argument.source.value : undefined;
    return {
      passed: new UnevaluatedRule(source, destination.value),
      value: (context) => new RuleValue(source(context), destination.value(context)),
      rule: { name, destination },
    };
  }
  const value = compile(argument);
  const constant = argument.kind === 'constant' || argument.kind === 'keyword';
  return { passed: constant ? argument.value : new Unevaluated(value), value, rule: undefined };
}

interface Plan {
  /** Whether there is any function of that name. */
  readonly known: boolean;
  readonly positional: readonly Prepared[];
  readonly keywords: ReadonlyMap<string, Prepared>;
  readonly levels: CandidateLevels;
  /** Whether the candidates agree on what they want unevaluated, whatever the receiver is. */
  readonly agreed: boolean;
}

function planOf(name: string, receiver: unknown, functions: Levels, list: readonly Prepared[]): Plan {
  const positional: Prepared[] = [];
  const keywords = new Map<string, Prepared>();
  const known = functions.length > 0;
  const asRules = known && takesRules(name, receiver, functions);
  for (const argument of list) {
    if (argument.rule === undefined || asRules) positional.push(argument);
    else if (argument.rule.name === undefined) {
      if (known) throw badPair();
    } else keywords.set(argument.rule.name, argument.rule.destination);
  }
  const passed = positional.map((argument) => argument.passed);
  const named: Keywords = new Map([...keywords].map(([key, argument]) => [key, argument.passed]));
  const levels = candidatesOf(functions, receiver === NO_RECEIVER ? passed : [UNKNOWN, ...passed], named);
  return { known, positional, keywords, levels, agreed: agreeOnLazy(levels) };
}

/** The candidates for a receiver. */
function accepting(levels: CandidateLevels, receiver: unknown): CandidateLevels {
  const only = levels[0];
  if (levels.length === 1 && only?.length === 1) {
    return only[0]?.positional[0]?.kind.accepts(receiver) === true ? levels : [];
  }
  return levels
    .map((level) => level.filter((candidate) => candidate.positional[0]?.kind.accepts(receiver) === true))
    .filter((level) => level.length > 0);
}
