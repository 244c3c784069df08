import {
  BuiltinMethod,
  dictGet,
  getItem,
  isDict,
  isMutator,
  member,
  PythonError,
  textRepr,
  typeError,
  typeName,
} from '../python/index.ts';
import { KeyLookup } from './key-lookups.ts';
import { Markup, plain } from './markup.ts';
import type { Run } from './run.ts';
import { formatMethod } from './string-format.ts';
import { Undefined } from './undefined.ts';
import { isUnsafeName } from './unsafe-names.ts';

/** Whether Jinja's sandbox refuses an attribute that the value has in Python. */
export function isUnsafe(value: unknown, name: string): boolean {
  if (!name.startsWith('_') && name !== 'mro' && !name.startsWith('gi_')) return false;
  return value instanceof KeyLookup || isUnsafeName(typeName(value), name);
}

function unsafe(run: Run, value: unknown, name: string): Undefined {
  return run.undefined({
    hint: `access to attribute ${textRepr(name)} of ${textRepr(typeName(value))} object is unsafe.`,
    of: { value },
    name,
    kind: 'SecurityError',
  });
}

/** `value.name`: an attribute or method, else the item of that name, else an undefined value. */
export function getAttribute(run: Run, value: unknown, name: string): unknown {
  if (isUnsafe(value, name)) return unsafe(run, value, name);
  if (value instanceof Undefined) throw value.fail();
  const found = attribute(run, value, name);
  if (found !== undefined) {
    // What a method does takes as long as its text or list is.
    run.weigh(value);
    return allowed(run, name, found);
  }
  const item = tryItem(value, name);
  return item === undefined ? run.undefined({ of: { value }, name }) : item;
}

/** `value[key]`: the item, else (for text) the attribute of that name, else an undefined value. */
export function getSubscript(run: Run, value: unknown, key: unknown): unknown {
  if (value instanceof Undefined) throw value.fail();
  const found = tryItem(value, key instanceof Markup ? key.text : key);
  if (found !== undefined) return found;
  const name = plain(key);
  if (typeof name === 'string') {
    if (isUnsafe(value, name)) return unsafe(run, value, name);
    const member = attribute(run, value, name);
    if (member !== undefined) {
      run.weigh(value);
      return allowed(run, name, member);
    }
  }
  return run.undefined({ of: { value }, name: key });
}

/** A member; formats reach into their values as the template itself does. */
function attribute(run: Run, value: unknown, name: string): unknown {
  if ((name === 'format' || name === 'format_map') && (typeof value === 'string' || value instanceof Markup)) {
    return formatMethod(value, name, {
      attribute: (of, field) => getAttribute(run, of, field),
      item: (of, field) => getSubscript(run, of, field),
    });
  }
  const found = member(value, name);
  if (found !== undefined || !isDict(value)) return found;
  const today = OF_PYTHON_2.get(name);
  return today === undefined ? undefined : member(value, today);
}

/** Packs of the time of Python 2 have these in their templates; StackStorm lost them with Python 2. */
const OF_PYTHON_2: ReadonlyMap<string, string> = new Map([
  ['iteritems', 'items'],
  ['iterkeys', 'keys'],
  ['itervalues', 'values'],
]);

/** Lists and dicts may be changed only by templates that are known to (they work on copies of the data). */
function allowed(run: Run, name: string, found: unknown): unknown {
  if (!run.mutable && found instanceof BuiltinMethod && isMutator(name)) {
    throw typeError(`method '${name}' must be written out in the template, as in \`value.${name}(...)\``);
  }
  return found;
}

/** Undefined where Python raises TypeError or LookupError. */
function tryItem(value: unknown, key: unknown): unknown {
  if (isDict(value) && typeof key === 'string') return dictGet(value, key);
  if (typeof key === 'string' && (typeof value === 'string' || Array.isArray(value))) return undefined;
  try {
    return getItem(value, key);
  } catch (error) {
    if (error instanceof PythonError && MISSING.has(error.kind)) return undefined;
    throw error;
  }
}

const MISSING = new Set(['TypeError', 'KeyError', 'IndexError', 'LookupError']);
