import { asIndex, isRecord, PythonError, str, typeName } from '../../python/index.ts';
import { getSubscript } from '../attributes.ts';
import type { Filter } from '../environment.ts';
import { Markup } from '../markup.ts';
import type { Run } from '../run.ts';
import { Undefined } from '../undefined.ts';

/** What Python says when a value has no such method; an undefined value says its own. */
export function noAttribute(value: unknown, name: string): PythonError {
  if (value instanceof Undefined) return value.fail();
  const type = typeName(value);
  const message = type === 'Namespace' ? name : `'${type}' object has no attribute '${name}'`;
  return new PythonError('AttributeError', message);
}

/** Runs a filter on the text of marked text, and marks the text it answers. */
export function keepingMark(filter: Filter): Filter {
  return (run, value, given) => {
    if (!(value instanceof Markup)) return filter(run, value, given);
    const result = filter(run, value.text, given);
    return typeof result === 'string' ? new Markup(result) : result;
  };
}

export function indexOf(value: unknown): number {
  return asIndex(value, `'${typeName(value)}' object cannot be interpreted as an integer`);
}

export function argumentError(message: string): PythonError {
  return new PythonError('FilterArgumentError', message);
}

/** Filters compare text without regard to case unless told otherwise. */
export function ignoreCase(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase();
  return value instanceof Markup ? value.text.toLowerCase() : value;
}

export function same(value: unknown): unknown {
  return value;
}

/** Reads `a.b.0` of an item: parts that are digits are indexes. `otherwise` stands for what is undefined, unless it is None. */
export function attributeGetter(
  run: Run,
  attribute: unknown,
  after: (value: unknown) => unknown = same,
  otherwise: unknown = null,
): (item: unknown) => unknown {
  const parts = attributeParts(attribute);
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string' && otherwise === null) {
    return (item) =>
      after(
        isRecord(item) && Object.hasOwn(item, only) && item[only] !== undefined
          ? item[only]
          : getSubscript(run, item, only),
      );
  }
  return (item) => {
    let value = item;
    for (const part of parts) {
      value = getSubscript(run, value, part);
      if (value instanceof Undefined && otherwise !== null && otherwise !== undefined) value = otherwise;
    }
    return after(value);
  };
}

/** The same for `a,b.c`: all of them, as a list. */
export function attributesGetter(
  run: Run,
  attribute: unknown,
  after: (value: unknown) => unknown,
): (item: unknown) => unknown {
  const names = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const getters = names.map((name) => attributeGetter(run, name, after));
  const [only] = getters;
  if (only !== undefined && getters.length === 1) return only;
  return (item) => getters.map((getter) => getter(item));
}

function attributeParts(attribute: unknown): unknown[] {
  if (attribute === undefined || attribute === null) return [];
  if (typeof attribute !== 'string') return [attribute];
  return attribute.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** The text of any value, as the string filters take it. */
export function softText(value: unknown): string {
  return value instanceof Markup ? value.text : str(value);
}
