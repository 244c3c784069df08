import {
  BuiltinMethod,
  dictGet,
  getItem,
  isDict,
  isMutator,
  member,
  PythonError,
  PythonObject,
  textRepr,
  typeError,
  typeName,
} from '../python/index.ts';
import { Markup } from './markup.ts';
import type { Run } from './run.ts';
import { Undefined } from './undefined.ts';

/** Names every Python object has and Jinja's sandbox refuses: reading one gives an undefined value that says so. */
const UNSAFE = new Set(
  (
    '__class__ __delattr__ __dir__ __doc__ __eq__ __format__ __ge__ __getattribute__ __getstate__ __gt__ __hash__ __init__ ' +
    '__init_subclass__ __le__ __lt__ __ne__ __new__ __reduce__ __reduce_ex__ __repr__ __setattr__ __sizeof__ __str__ ' +
    '__subclasshook__'
  ).split(' '),
);
/** Names that texts, lists and dicts have besides. */
const UNSAFE_OF_CONTAINERS = new Set(['__len__', '__iter__', '__contains__', '__getitem__']);

function isUnsafe(value: unknown, name: string): boolean {
  if (!name.startsWith('_')) return false;
  if (UNSAFE.has(name)) return true;
  const container = typeof value === 'string' || Array.isArray(value) || isDict(value);
  if (container && UNSAFE_OF_CONTAINERS.has(name)) return true;
  return value instanceof PythonObject;
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
  if (value instanceof Undefined) throw value.fail();
  if (isUnsafe(value, name)) return unsafe(run, value, name);
  const found = member(value, name);
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
  if (key instanceof Undefined) throw key.fail();
  const found = tryItem(value, key instanceof Markup ? key.text : key);
  if (found !== undefined) return found;
  if (typeof key === 'string') {
    if (isUnsafe(value, key)) return unsafe(run, value, key);
    const attribute = member(value, key);
    if (attribute !== undefined) {
      run.weigh(value);
      return allowed(run, key, attribute);
    }
  }
  return run.undefined({ of: { value }, name: key });
}

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
