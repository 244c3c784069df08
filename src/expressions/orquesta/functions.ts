import { PetrelError } from '../../model/index.ts';
import { dictGet, isDict, iterate, parseJsonKeepingFloats, str, Tuple, typeError } from '../python/index.ts';
import { FrozenDict } from '../yaql/index.ts';
import { evaluationError, type Scope } from './scope.ts';

/** `json(text)`. Jinja's dicts pass as they are; YAQL's are no dicts to Python, and fail. */
export function parseJson(value: unknown): unknown {
  if (isDict(value) && !(value instanceof FrozenDict)) return value;
  if (typeof value !== 'string') throw typeError('Given object is not typeof string.');
  return parseJsonKeepingFloats(value);
}

/** `zip(*lists, pad=null)`: rows to the end of the longest; null counts as empty; a single argument comes back as it is. */
export function zip(lists: readonly unknown[], pad: unknown, spend: (steps: number) => void): unknown {
  const columns = lists.map((list) => list ?? []);
  if (columns.length === 1) return columns[0];
  const iterators = columns.map((column) => iterate(column)[Symbol.iterator]());
  const rows: Tuple[] = [];
  for (;;) {
    spend(1 + columns.length);
    let open = 0;
    const row = iterators.map((iterator) => {
      const step = iterator.next();
      if (step.done === true) return pad;
      open += 1;
      return step.value;
    });
    if (open === 0) return rows;
    rows.push(new Tuple(row));
  }
}

/** Keyword arguments of `st2kv`. */
export interface KeyOptions {
  /** Whether to decrypt the value. Default false. */
  readonly decrypt?: unknown;
  /** What stands for a key that is not there. Without it such a key is an error. */
  readonly otherwise?: { readonly value: unknown };
}

/** `st2kv(key, decrypt=false, default=...)`: a key of the datastore; `system.x`, `user.x`, or plain for the system's. */
export function storedKey(scope: Scope, key: unknown, { decrypt, otherwise }: KeyOptions): unknown {
  if (typeof key !== 'string') throw typeError('Given key is not typeof string.');
  if (decrypt !== undefined && typeof decrypt !== 'boolean') throw typeError('Decrypt parameter is not typeof bool.');
  const [, prefix, rest] = /^(?:st2kv\.)?(system|user)\.(.*)$/s.exec(key) ?? [];
  const { host } = scope;
  const value = host?.key(prefix === 'user' ? 'user' : 'system', rest ?? key);
  if (host !== undefined && value !== undefined) return decrypt === true ? decrypted(() => host.decrypt(value)) : value;
  if (otherwise !== undefined) return otherwise.value;
  if (host === undefined) throw evaluationError(`The key "${key}" cannot be read: there is no datastore here.`);
  throw evaluationError(`The key "${key}" does not exist in the StackStorm datastore.`);
}

/** What cannot be decrypted is the expression's error. */
function decrypted(decrypt: () => string): string {
  try {
    return decrypt();
  } catch (error) {
    if (error instanceof PetrelError) throw evaluationError(error.message);
    throw error;
  }
}

/** `task(id, route)`: the record of a task's latest execution; without an id the current task's. */
export function taskRecord(scope: Scope, id: unknown, route: unknown): unknown {
  const name = str(id ?? dictGet(scope.currentTask(), 'id'));
  const entry = scope.taskEntry(name, scope.routeOr(route));
  const where = entry === undefined ? undefined : dictGet(entry, 'route');
  const record = typeof where === 'number' ? scope.host?.task(name, where) : undefined;
  if (record === undefined) throw evaluationError(`Unable to find task execution for "${name}".`);
  return record;
}
