import type { Answer, Incoming } from '../loopback.ts';
import type { Access } from './acl/rules.ts';
import { ConsulError, json } from './answers.ts';
import { type Draft, type Entry, entryJson, type KeyStore, sorted } from './store.ts';

/** Operations in one transaction. */
const OPERATION_LIMIT = 64;

interface Operation {
  readonly verb: string;
  readonly key: string;
  readonly value: Buffer;
  readonly flags: number;
  readonly index: number;
}

/** What one operation adds to `Results`, or why the whole transaction is rolled back. */
type Outcome = readonly Record<string, unknown>[] | string;

interface TxnError {
  readonly OpIndex: number;
  readonly What: string;
}

/** Each verb by its documented name (KV operations of the Transaction API; sessions and the catalog are not here). */
const VERBS: ReadonlyMap<string, (operation: Operation, draft: Draft) => Outcome> = new Map([
  ['set', (operation, draft) => [entryJson(draft.set(operation), false)]],
  [
    'cas',
    (operation, draft) =>
      matches(operation, draft) ? [entryJson(draft.set(operation), false)] : stale('set', operation),
  ],
  ['get', ({ key }, draft) => found(draft, key, (entry) => [entryJson(entry)])],
  ['get-tree', ({ key }, draft) => sorted(draft.entries, key).map((entry) => entryJson(entry))],
  [
    'delete',
    ({ key }, draft) => {
      draft.delete(key);
      return [];
    },
  ],
  [
    'delete-tree',
    ({ key }, draft) => {
      draft.deleteTree(key);
      return [];
    },
  ],
  [
    'delete-cas',
    (operation, draft) => {
      if (draft.entries.has(operation.key) && !matches(operation, draft)) return stale('delete', operation);
      draft.delete(operation.key);
      return [];
    },
  ],
  ['check-not-exists', ({ key }, draft) => (draft.entries.has(key) ? `key "${key}" exists` : [])],
  [
    'check-index',
    ({ key, index }, draft) => {
      const entry = draft.entries.get(key);
      if (entry === undefined) return `failed to check index, key "${key}" doesn't exist`;
      if (entry.modifyIndex === index) return [entryJson(entry, false)];
      return `failed index check for key "${key}", current modify index ${entry.modifyIndex} != ${index}`;
    },
  ],
]);

const WRITES = new Set(['set', 'cas', 'delete', 'delete-tree', 'delete-cas']);

function matches({ key, index }: Operation, draft: Draft): boolean {
  return (draft.entries.get(key)?.modifyIndex ?? 0) === index;
}

function stale(what: string, { key }: Operation): string {
  return `failed to ${what} key "${key}", index is stale`;
}

function found(draft: Draft, key: string, answer: (entry: Entry) => Outcome): Outcome {
  const entry = draft.entries.get(key);
  return entry === undefined ? `key "${key}" doesn't exist` : answer(entry);
}

/** `PUT /v1/txn`. Every operation is tried, so that all that is wrong is told at once; one failure undoes all. */
export function handleTxn(request: Incoming, store: KeyStore, access: Access): Answer {
  if (request.method !== 'PUT')
    throw new ConsulError(405, `method ${request.method} not allowed`, { allow: 'OPTIONS,PUT' });
  const operations = parse(request.body.toString('utf8'));
  if (operations.length > OPERATION_LIMIT) {
    throw new ConsulError(413, `Transaction contains too many operations (${operations.length} > ${OPERATION_LIMIT})`);
  }
  const { results, errors } = run(operations, store, access);
  const readOnly = operations.every(({ verb }) => !WRITES.has(verb));
  const read = readOnly ? { Index: 0, LastContact: 0, KnownLeader: true, ConsistencyLevel: '' } : {};
  return errors.length === 0
    ? json(200, { Results: results, Errors: null, ...read })
    : json(409, { Results: null, Errors: errors, ...read });
}

function run(
  operations: readonly Operation[],
  store: KeyStore,
  access: Access,
): { results: unknown[]; errors: TxnError[] } {
  const results: unknown[] = [];
  // Nameless keys are found before anything is tried, and then they are all that is told.
  const errors = operations.flatMap(({ key, verb }, position) =>
    key === '' && verb !== 'delete-tree' ? [{ OpIndex: position, What: 'Must provide key' }] : [],
  );
  if (errors.length > 0) return { results, errors };
  errors.push(
    ...operations.flatMap((operation, position) =>
      isAllowed(operation, access) ? [] : [{ OpIndex: position, What: 'Permission denied' }],
    ),
  );
  if (errors.length > 0) return { results, errors };
  store.write((draft) => {
    operations.forEach((operation, position) => {
      const outcome = VERBS.get(operation.verb)?.(operation, draft) ?? `unknown KV verb "${operation.verb}"`;
      if (typeof outcome === 'string') errors.push({ OpIndex: position, What: outcome });
      else results.push(...outcome.filter(({ Key }) => access.read(String(Key))).map((entry) => ({ KV: entry })));
    });
    return errors.length === 0;
  });
  return { results, errors };
}

/** Reading is always allowed: what may not be seen is left out of the results. */
function isAllowed({ verb, key }: Operation, access: Access): boolean {
  if (verb === 'delete-tree') return access.writeBelow(key);
  if (WRITES.has(verb)) return access.write(key);
  return verb === 'get' || verb === 'get-tree' || access.read(key);
}

function parse(body: string): Operation[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    throw new ConsulError(400, `Failed to parse body: ${error instanceof Error ? error.message : error}`);
  }
  if (!Array.isArray(parsed)) throw new ConsulError(400, 'Failed to parse body: an array of operations is expected');
  return parsed.map(operationOf);
}

function operationOf(given: unknown): Operation {
  const kv = fieldsOf(fieldsOf(given).KV, 'Failed to parse body: the sandbox knows only KV operations');
  const value = kv.Value ?? '';
  const valid =
    typeof value === 'string' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value);
  if (!valid) throw new ConsulError(400, 'Failed to parse body: illegal base64 data');
  return {
    verb: String(kv.Verb ?? ''),
    key: String(kv.Key ?? ''),
    value: Buffer.from(value, 'base64'),
    flags: Number(kv.Flags ?? 0),
    index: Number(kv.Index ?? 0),
  };
}

function fieldsOf(value: unknown, complaint = 'Failed to parse body: an object is expected'): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConsulError(400, complaint);
  return value as Record<string, unknown>; // any JSON object is a record of unknown values
}
