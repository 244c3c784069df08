import type { Answer, Incoming } from '../loopback.ts';
import type { Access } from './acl/rules.ts';
import { ConsulError, freshness, json, text, unsigned } from './answers.ts';
import { entryJson, type KeyStore } from './store.ts';

/** Bytes of one value (`kv_max_value_size`). */
const VALUE_LIMIT = 512 * 1024;

/** `/v1/kv/KEY`, with `key` decoded. */
export function handleKv(request: Incoming, key: string, store: KeyStore, access: Access): Answer | Promise<Answer> {
  switch (request.method) {
    case 'GET':
      return readKv(request, key, store, access);
    case 'PUT':
      return putKv(request, key, store, access);
    case 'DELETE':
      return deleteKv(request, key, store, access);
    default:
      throw new ConsulError(405, `method ${request.method} not allowed`, { allow: 'OPTIONS,GET,PUT,DELETE' });
  }
}

async function readKv(request: Incoming, key: string, store: KeyStore, access: Access): Promise<Answer> {
  const { query } = request;
  const below = query.has('keys') || query.has('recurse');
  if (key === '' && !below) throw new ConsulError(400, 'Missing key name');
  // One key that may not be read is refused; of many, those that may not are left out.
  if (!below && !access.read(key)) throw denied();
  const indexNow = () => (below ? store.indexOfPrefix(key) : store.indexOfKey(key));
  await block(request, store, indexNow);
  const headers = freshness(indexNow());
  const all = below ? store.list(key) : [store.get(key)].filter((entry) => entry !== undefined);
  const found = all.filter((entry) => access.read(entry.key));
  const [first] = found;
  // As Consul: there is always a root to list the names of.
  if (first === undefined) return query.has('keys') && key === '' ? json(200, [], headers) : { status: 404, headers };
  if (query.has('keys')) {
    const names = found.map((entry) => entry.key);
    return json(200, upTo(names, key, query.get('separator') ?? ''), headers);
  }
  if (query.has('raw') && !below) {
    const safe = { 'content-security-policy': 'sandbox', 'x-content-type-options': 'nosniff' };
    return { status: 200, headers: { 'content-type': 'text/plain', ...safe, ...headers }, body: first.value };
  }
  return json(
    200,
    found.map((entry) => entryJson(entry)),
    headers,
  );
}

/** Names cut off behind the first separator after the prefix, each once. */
function upTo(names: readonly string[], prefix: string, separator: string): string[] {
  if (separator === '') return [...names];
  const cut = names.map((name) => {
    const at = name.indexOf(separator, prefix.length);
    return at < 0 ? name : name.slice(0, at + separator.length);
  });
  return [...new Set(cut)];
}

/** A blocking query: waits until the index is past the one given, or `wait` (default 5 minutes, at most 10) is over. */
async function block(request: Incoming, store: KeyStore, indexNow: () => number): Promise<void> {
  const seen = request.query.get('index');
  const wait = request.query.get('wait');
  if (seen !== null && !/^\d{1,15}$/.test(seen)) throw new ConsulError(400, 'Invalid index');
  const limit = wait === null ? 300_000 : milliseconds(wait);
  if (limit === undefined) throw new ConsulError(400, 'Invalid wait time');
  if (seen === null || seen === '0') return;
  const deadline = performance.now() + Math.min(limit, 600_000);
  for (;;) {
    const left = deadline - performance.now();
    if (indexNow() > Number(seen) || left <= 0 || request.signal.aborted) return;
    await store.nextWrite(left, request.signal);
  }
}

/** A duration as Go writes it, e.g. `300ms`, `1m30s`. */
function milliseconds(duration: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+$/.test(duration)) return undefined;
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return [...duration.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
}

function putKv(request: Incoming, key: string, store: KeyStore, access: Access): Answer {
  const { query, body } = request;
  if (key === '') throw new ConsulError(400, 'Missing key name');
  refuseSessions(query);
  if (!access.write(key)) throw denied();
  const flags = unsigned(query, 'flags') ?? 0;
  const expected = unsigned(query, 'cas');
  if (body.length > VALUE_LIMIT) {
    throw new ConsulError(413, `Request body(${body.length} bytes) too large, max size: ${VALUE_LIMIT} bytes.`);
  }
  const written = store.write((draft) => {
    if (expected !== undefined && (draft.entries.get(key)?.modifyIndex ?? 0) !== expected) return false;
    draft.set({ key, value: body, flags });
    return true;
  });
  return json(200, written);
}

function deleteKv(request: Incoming, key: string, store: KeyStore, access: Access): Answer {
  const { query } = request;
  const expected = unsigned(query, 'cas');
  const recurse = query.has('recurse');
  if (recurse && expected !== undefined) return text(400, `Conflicting flags: ${query}`);
  if (key === '' && !recurse) throw new ConsulError(400, 'Missing key name');
  if (!(recurse ? access.writeBelow(key) : access.write(key))) throw denied();
  const deleted = store.write((draft) => {
    const entry = draft.entries.get(key);
    if (recurse) draft.deleteTree(key);
    // Deleting with cas what is not there succeeds; with index 0 it never deletes what is there.
    else if (expected !== undefined && entry !== undefined && entry.modifyIndex !== expected) return false;
    else draft.delete(key);
    return true;
  });
  return json(200, deleted);
}

function denied(): ConsulError {
  return new ConsulError(403, 'Permission denied');
}

function refuseSessions(query: URLSearchParams): void {
  for (const flag of ['acquire', 'release']) {
    if (query.has(flag)) throw new ConsulError(500, `failed session lookup: the sandbox keeps no sessions (${flag})`);
  }
}
