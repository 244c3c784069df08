import { dictEntries, dictGet, isDict } from '../expressions/index.ts';
import { PetrelError } from '../model/index.ts';
import { reasonOf } from './failure.ts';
import { compileLookup, type Lookup } from './lookup.ts';
import { type Operator, operatorOf, type Test } from './operators.ts';
import { compilePattern, type Pattern, type Templates } from './pattern.ts';

/** A criterion, parsed. `key` is as the rule writes it. */
export type Criterion =
  /** Never true, without a word: a body that names no operator. */
  | { readonly kind: 'never'; readonly key: string }
  /** Not even a body: ends the matching of the event. */
  | { readonly kind: 'broken'; readonly key: string; readonly reason: string }
  | {
      readonly kind: 'test';
      readonly key: string;
      readonly lookup: Lookup;
      readonly pattern: Pattern;
      /** Undefined: there is no such operator. */
      readonly operator: Operator | undefined;
      readonly operatorName: string;
      /** The operator with a pattern that is a constant. */
      readonly test: Test | undefined;
    }
  | {
      readonly kind: 'search';
      readonly key: string;
      readonly lookup: Lookup;
      readonly pattern: Pattern;
      readonly condition: unknown;
      /** Of a pattern that is a constant object. */
      readonly children: readonly Criterion[] | undefined;
    };

/** Parses criteria in document order. `criteria` is an object or a dict; without `templates` no text in it is a template. */
export function compileCriteria(criteria: unknown, templates: Templates | undefined): readonly Criterion[] | undefined {
  if (!isDict(criteria)) return undefined;
  return Array.from(dictEntries(criteria), ([key, body]) => compileCriterion(String(key), body, templates));
}

function compileCriterion(key: string, body: unknown, templates: Templates | undefined): Criterion {
  if (typeof body === 'string' || Array.isArray(body)) return { kind: 'never', key };
  if (!isDict(body)) return { kind: 'broken', key, reason: 'has no object with an operator and a pattern' };
  const type = dictGet(body, 'type');
  if (type === undefined) return { kind: 'never', key };
  if (typeof type !== 'string') return { kind: 'broken', key, reason: 'has an operator that is no text' };
  const source = dictGet(body, 'pattern') ?? null;
  const pattern = compilePattern(source, templates);
  const lookup = compileLookup(key);
  if (type === 'search') {
    const children = pattern.kind === 'constant' ? compileCriteria(pattern.value, templates) : undefined;
    return { kind: 'search', key, lookup, pattern, condition: dictGet(body, 'condition'), children };
  }
  const operator = operatorFor(type);
  const test = operator !== undefined && pattern.kind === 'constant' ? prepared(operator, pattern.value) : undefined;
  return { kind: 'test', key, lookup, pattern, operator, operatorName: type, test };
}

/** As StackStorm: `Search` is found like `search`, but is not handed its condition and fails. */
function operatorFor(name: string): Operator | undefined {
  if (name.toLowerCase() !== 'search') return operatorOf(name);
  return () => () => {
    throw new PetrelError('expression', `The operator ${name} has to be written in lower case: search.`);
  };
}

/** A constant that the operator refuses is refused anew for each event. */
function prepared(operator: Operator, pattern: unknown): Test {
  try {
    return operator(pattern);
  } catch (error) {
    const reason = reasonOf(error);
    return () => {
      throw new PetrelError('expression', reason);
    };
  }
}
