/**
 * Rules of CRDs in CEL (`x-kubernetes-validations`). What the evaluator does not know of Kubernetes' own functions (quantities, URLs, addresses) is
 * refused with the CRD that uses it, rather than found out with its objects.
 */
import { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { type Cause, cause } from '../errors.ts';
import { equal, isMap, type Json, type JsonMap, listAt, own, stringAt } from '../json.ts';
import { childSchema, listMapKeys, type Schema, under } from './schema.ts';

/** What an expression works with: JSON with whole numbers as integers and times as times. */
type Value = null | boolean | number | string | bigint | Date | Value[] | Map<string, Value>;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
})
  .registerFunction('list.isSorted(): bool', (list: Value[]) =>
    list.every((one, index) => index === 0 || !before(one, list[index - 1])),
  )
  .registerFunction('list.sum(): dyn', (list: Value[]) => list.reduce((sum: Value, one) => plus(sum, one), 0n))
  .registerFunction('list.min(): dyn', (list: Value[]) => extreme(list, (a, b) => before(a, b)))
  .registerFunction('list.max(): dyn', (list: Value[]) => extreme(list, (a, b) => before(b, a)))
  .registerFunction('string.find(string): string', (text: string, pattern: string) => {
    const matcher = RE2JS.compile(pattern).matcher(text);
    return matcher.find() ? (matcher.group() ?? '') : '';
  });

function before(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && b !== undefined && a !== null && b !== null && a < b;
}

function plus(a: Value, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a + b;
  return Number(a) + Number(b);
}

function extreme(list: readonly Value[], better: (a: Value, b: Value) => boolean): Value {
  const [first, ...others] = list;
  if (first === undefined) throw new Error('min or max called on an empty list');
  return others.reduce((best, one) => (better(one, best) ? one : best), first);
}

type Program = (variables: { self: Value; oldSelf?: Value }) => unknown;

const compiled = new Map<string, Program>();

function program(text: string): Program {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const parsed = environment.parse(text);
  const { valid, error } = parsed.check();
  if (!valid) throw error ?? new Error('the expression is not valid');
  if (compiled.size > 1000) compiled.clear();
  const made: Program = (variables) => parsed(variables);
  compiled.set(text, made);
  return made;
}

const rulesOf = (schema: JsonMap) => listAt(schema, 'x-kubernetes-validations');

/** The first line of what an evaluator complains about; the others draw arrows. */
const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** What is wrong with the rules of one schema of a CRD. */
export function ruleComplaints(schema: JsonMap, path: string): Cause[] {
  return rulesOf(schema).flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    return ['rule', 'messageExpression'].flatMap((key) => {
      const text = stringAt(rule, key) ?? '';
      if (text === '') return key === 'rule' ? [cause.required(`${at}.rule`, 'rule is not specified')] : [];
      try {
        program(text);
        return [];
      } catch (error) {
        return [cause.invalid(`${at}.${key}`, rule, `compilation failed: ${firstLine(error)}`)];
      }
    });
  });
}

/** Every rule that a value breaks. Rules about `oldSelf` hold for changes only. */
export function brokenRules(
  value: Json | undefined,
  old: Json | undefined,
  schema: Schema | undefined,
  path = '',
): Cause[] {
  if (schema === undefined || value === undefined || value === null) return [];
  const own = rulesOf(schema).flatMap((rule) => broken(rule, value, old, schema, path));
  return [...own, ...below(value, old, schema, path)];
}

function below(value: Json, old: Json | undefined, schema: Schema, path: string): Cause[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      brokenRules(item, counterpart(item, old, schema), schema.items, `${path}[${index}]`),
    );
  }
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    brokenRules(child, isMap(old) ? own(old, key) : undefined, childSchema(schema, key), under(path, key)),
  );
}

/** Items of a list have a past only where keys tell which is which. */
function counterpart(item: Json, old: Json | undefined, schema: Schema): Json | undefined {
  const keys = listMapKeys(schema);
  if (keys === undefined || !Array.isArray(old)) return undefined;
  return old.find((one) => isMap(one) && isMap(item) && keys.every((key) => equal(own(one, key), own(item, key))));
}

const REASONS = new Set(['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate']);

function broken(rule: Json, value: Json, old: Json | undefined, schema: Schema, path: string): Cause[] {
  const text = stringAt(rule, 'rule') ?? '';
  const about = `${path}${stringAt(rule, 'fieldPath') ?? ''}`;
  if (/\boldSelf\b/.test(text) && (old === undefined || old === null)) return [];
  const variables = {
    self: typed(value, schema),
    ...(old === undefined || old === null ? {} : { oldSelf: typed(old, schema) }),
  };
  const shown = typeof value === 'object' ? (Array.isArray(value) ? 'array' : 'object') : value;
  try {
    if (program(text)(variables) === true) return [];
    const made = cause.invalid(about, shown, messageOf(rule, text, variables));
    const reason = stringAt(rule, 'reason') ?? '';
    return [REASONS.has(reason) ? { ...made, reason } : made];
  } catch (error) {
    return [cause.invalid(about, shown, `${firstLine(error)} evaluating rule: ${stringAt(rule, 'message') ?? text}`)];
  }
}

function messageOf(rule: Json, text: string, variables: Parameters<Program>[0]): string {
  const expression = stringAt(rule, 'messageExpression');
  const fixed = stringAt(rule, 'message') ?? `failed rule: ${text}`;
  if (expression === undefined) return fixed;
  try {
    const made = program(expression)(variables);
    return typeof made === 'string' && made !== '' ? made : fixed;
  } catch {
    // As the real server: a message that cannot be made is no reason to lose the complaint.
    return fixed;
  }
}

function typed(value: Json, schema: Schema | undefined): Value {
  if (Array.isArray(value)) return value.map((item) => typed(item, schema?.items));
  if (isMap(value)) {
    return new Map(
      Object.entries(value).flatMap(([key, child]) =>
        child === undefined ? [] : [[key, typed(child, childSchema(schema, key))]],
      ),
    );
  }
  const whole = schema?.type === 'integer' || schema?.['x-kubernetes-int-or-string'] === true;
  if (typeof value === 'number' && whole) return BigInt(value);
  if (typeof value === 'string' && schema?.format === 'date-time') return new Date(value);
  return value;
}
