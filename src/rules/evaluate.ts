import { isDict, tryIterate, typeName } from '../expressions/index.ts';
import { PetrelError, type Rule } from '../model/index.ts';
import { type Criterion, compileCriteria } from './criterion.ts';
import { abort, reasonOf } from './failure.ts';

/** A criterion that could not be evaluated: its rule does not match, and the reason is recorded. */
export interface CriterionFailure {
  readonly rule: Rule;
  /** The criterion's key as the rule writes it. */
  readonly criterion: string;
  readonly reason: string;
}

/** What keys and templates of criteria see: the whole event, or one element inside a search. */
interface Scope {
  readonly root: Readonly<Record<string, unknown>>;
  /** Made when the first template asks. */
  variables: Readonly<Record<string, unknown>> | undefined;
}

/** The evaluation of criteria for one event. */
export class Evaluation {
  readonly failures: CriterionFailure[] = [];
  readonly #now: number;
  readonly #datastore: () => Readonly<Record<string, unknown>>;
  readonly #event: Scope;

  /** `datastore` answers the variables that read keys; it is asked when the first template needs them. */
  constructor(payload: unknown, now: number, datastore: () => Readonly<Record<string, unknown>>) {
    this.#now = now;
    this.#datastore = datastore;
    this.#event = { root: { trigger: payload }, variables: undefined };
  }

  /** Whether all criteria hold; the first that does not ends it. Throws for an unknown operator. */
  allHold(rule: Rule, criteria: readonly Criterion[]): boolean {
    for (const criterion of criteria) if (!this.#holds(rule, criterion, this.#event)) return false;
    return true;
  }

  #holds(rule: Rule, criterion: Criterion, scope: Scope): boolean {
    if (criterion.kind === 'never') return false;
    if (criterion.kind === 'broken') throw abort(rule.ref, criterion.key, criterion.reason);
    let pattern: unknown;
    let value: unknown;
    try {
      pattern =
        criterion.pattern.kind === 'constant' ? criterion.pattern.value : this.#render(criterion.pattern, scope);
      value = criterion.lookup(scope.root);
    } catch (error) {
      return this.#failed(rule, criterion, error);
    }
    if (criterion.kind === 'test' && criterion.operator === undefined) {
      throw abort(rule.ref, criterion.key, `names the unknown operator ${JSON.stringify(criterion.operatorName)}`);
    }
    try {
      if (criterion.kind === 'search') return this.#search(rule, criterion, pattern, value);
      const test = criterion.test ?? criterion.operator?.(pattern);
      return test?.(value, this.#now) ?? false;
    } catch (error) {
      return this.#failed(rule, criterion, error);
    }
  }

  #render(pattern: { render(variables: Readonly<Record<string, unknown>>): unknown }, scope: Scope): unknown {
    scope.variables ??= { ...this.#datastore(), ...scope.root };
    return pattern.render(scope.variables);
  }

  #failed(rule: Rule, criterion: Criterion, error: unknown): false {
    const cause = reasonOf(error);
    const reason = `Criterion ${JSON.stringify(criterion.key)} of rule ${JSON.stringify(rule.ref)} failed: ${cause}`;
    this.failures.push({ rule, criterion: criterion.key, reason });
    return false;
  }

  /** stackstorm-rules.md, section 7: every child is evaluated for every element, whatever the others say. */
  #search(rule: Rule, criterion: Criterion & { kind: 'search' }, pattern: unknown, value: unknown): boolean {
    const { condition } = criterion;
    if (condition !== 'any' && condition !== 'all' && condition !== 'any2any' && condition !== 'all2any') {
      throw new PetrelError(
        'expression',
        `A search needs a condition of any, all, any2any or all2any, and it is ${JSON.stringify(condition ?? null)}.`,
      );
    }
    // What a template rendered is data: no text inside it is a template again.
    const children = criterion.children ?? compileCriteria(pattern, undefined);
    if (children === undefined) {
      throw new PetrelError(
        'expression',
        `A search needs an object as its pattern, and it is of type ${typeName(pattern)}.`,
      );
    }
    const elements = isDict(value) ? [value][Symbol.iterator]() : tryIterate(value);
    if (elements === undefined) {
      throw new PetrelError('expression', `A search needs a list, and the value is of type ${typeName(value)}.`);
    }
    const every = condition === 'all' || condition === 'any';
    let satisfied = 0;
    let count = 0;
    for (let next = elements.next(); next.done !== true; next = elements.next()) {
      const scope: Scope = { root: { item: next.value }, variables: undefined };
      let held = 0;
      for (const child of children) if (this.#holds(rule, child, scope)) held += 1;
      count += 1;
      if (every ? held === children.length : held > 0) satisfied += 1;
    }
    return condition === 'all' || condition === 'all2any' ? satisfied === count : satisfied > 0;
  }
}
