import type { Action, ActionProvider } from '../../model/index.ts';
import { messageOf, PetrelError, putRecent } from '../../model/index.ts';
import type { Logger } from '../../sdk/index.ts';
import { createBackoff } from '../backoff.ts';
import type { KubernetesClient } from '../client.ts';
import { isNotFound } from '../errors.ts';
import { actionOfOperation, mayBeOperation, OPERATIONS_PACK, tagOf } from './action.ts';
import { type DocumentEntry, type DocumentIndex, type DocumentStore, documentKey } from './document-store.ts';
import { createShare, type Operation, readOperations } from './read-document.ts';

export interface CatalogueOptions {
  readonly client: Pick<KubernetesClient, 'request' | 'server'>;
  readonly documents: DocumentStore;
  readonly log: Pick<Logger, 'warn'>;
  readonly now: () => number;
}

/** Milliseconds for which what the cluster said of its documents is taken for what it would say. */
const FRESH = { v3: 10_000, v2: 300_000 } as const;
/** The same for a name that is not there, which may have been defined since. */
const MISSED = 1_000;
/** The same for a cluster that does not answer. */
const FAILED = { first: 1_000, max: 30_000 };
/** How long a look waits for news when there is something to go on with: events must not wait for a cluster that hangs. Milliseconds. */
const PATIENCE = 2_000;
/** Until the list of documents, or a document, must be there. Version 2 is one large document. Milliseconds. */
const TIMEOUT = { index: 15_000, document: 60_000 } as const;
/** How many documents' actions are kept in memory. Those of core/v1 are 1 MB. */
const KEPT = 12;
/** How many are fetched at the same time when all are wanted. */
const AT_ONCE = 4;
/** The one document of version 2. */
const V2 = 'v2';

interface KnownIndex {
  readonly entries: DocumentIndex;
  /** When the cluster said so. */
  readonly at: number;
  readonly fresh: number;
}

/**
 * Every operation that the cluster serves, as an action. Nothing is read before somebody names one; then only the list of documents
 * and the one document that the name points to (`createAppsV1...` to apis/apps/v1), which is fetched again only when its hash has
 * changed. What was read is kept on disk, so that a cluster that is away is known as it was. A cluster without OpenAPI v3 (before 1.24) is read
 * by version 2: one document, asked for again every five minutes and for names that are not in it.
 */
export function createOperationCatalogue({ client, documents, log, now }: CatalogueOptions): ActionProvider {
  const loaded = new Map<string, Promise<ReadonlyMap<string, Action>>>();
  const names = new Map<string, readonly string[]>();
  let known: KnownIndex | undefined;
  let asking: Promise<KnownIndex> | undefined;
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  const failures = createBackoff(FAILED, () => 1);

  const fetchIndex = async (): Promise<KnownIndex> => {
    try {
      const answer = await client.request({ path: '/openapi/v3', timeout: TIMEOUT.index });
      return { entries: indexOf(answer, now()), at: now(), fresh: FRESH.v3 };
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    const document = await client.request({ path: '/openapi/v2', timeout: TIMEOUT.document });
    const key = documentKey(V2, JSON.stringify(document));
    if (known?.entries.get(V2)?.key !== key) await keep(key, '/openapi/v2', readOperations(document));
    return { entries: new Map([[V2, { url: '/openapi/v2', key }]]), at: now(), fresh: FRESH.v2 };
  };

  const ask = async (): Promise<KnownIndex> => {
    try {
      const next = await fetchIndex();
      const changed = known === undefined || !sameKeys(known.entries, next.entries);
      known = next;
      failure = undefined;
      failures.reset();
      if (changed) await documents.writeIndex(next.entries).catch((error) => warn('cannot be kept on disk', error));
      return next;
    } catch (error) {
      if (failure === undefined) warn('cannot be read; what was read before counts', error);
      failure = { error, until: now() + failures.next() };
      if (known === undefined) {
        const entries = await documents.readIndex();
        // Old from the start: the next look asks again.
        if (entries !== undefined) known = { entries, at: 0, fresh: FRESH.v3 };
      }
      if (known !== undefined) return known;
      throw unavailable(error, client.server);
    }
  };

  const warn = (what: string, error: unknown) =>
    log.warn(`The OpenAPI documents of the Kubernetes API at ${client.server} ${what}: ${messageOf(error)}`);

  /** What the cluster said at most so many milliseconds ago; by default, as long as it counts as fresh. */
  const index = async (age?: number): Promise<KnownIndex> => {
    if (known !== undefined && now() - known.at < (age ?? known.fresh)) return known;
    if (asking === undefined && failure !== undefined && now() < failure.until) {
      if (known !== undefined) return known;
      throw unavailable(failure.error, client.server);
    }
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return known === undefined || age !== undefined ? await asking : await atMost(PATIENCE, asking, known);
  };

  const keep = async (key: string, url: string, operations: readonly Operation[]) => {
    remember(key, Promise.resolve(actionsOf(operations, url)));
    await documents.write(key, operations).catch((error) => warn('cannot be kept on disk', error));
  };

  const remember = (key: string, actions: Promise<ReadonlyMap<string, Action>>) => {
    putRecent(loaded, key, actions, KEPT);
    actions.then(
      (all) => names.set(key, [...all.keys()]),
      () => loaded.delete(key), // a failure is not an answer
    );
    return actions;
  };

  const load = ({ url, key }: DocumentEntry): Promise<ReadonlyMap<string, Action>> =>
    remember(
      key,
      loaded.get(key) ??
        (async () => {
          const stored = await documents.read(key);
          if (stored !== undefined) return actionsOf(stored, url);
          const operations = readOperations(await client.request({ path: url, timeout: TIMEOUT.document }));
          await documents.write(key, operations).catch((error) => warn('cannot be kept on disk', error));
          return actionsOf(operations, url);
        })(),
    );

  /** Visits all documents; one that cannot be had (an aggregated API that is down) is left out. */
  const visit = async (
    entries: Iterable<DocumentEntry>,
    seen: (entry: DocumentEntry) => Promise<void>,
  ): Promise<void> => {
    const queue = [...entries];
    const work = async () => {
      for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
        await seen(entry).catch((error) => warn(`are incomplete without ${entry?.url}`, error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };

  const allNames = async ({ entries }: KnownIndex): Promise<ReadonlyMap<string, DocumentEntry>> => {
    const places = new Map<string, DocumentEntry>();
    await visit(entries.values(), async (entry) => {
      const there = names.get(entry.key) ?? [...(await load(entry)).keys()];
      for (const name of there) places.set(name, entry);
    });
    const keys = new Set([...entries.values()].map(({ key }) => key));
    for (const key of names.keys()) if (!keys.has(key)) names.delete(key);
    return places;
  };

  const look = async (state: KnownIndex, name: string): Promise<Action | undefined> => {
    for (const entry of likely(state.entries, name)) {
      const action = (await load(entry)).get(name);
      if (action !== undefined) return action;
    }
    const entry = (await allNames(state)).get(name);
    return entry === undefined ? undefined : (await load(entry)).get(name);
  };

  const nameOf = (ref: string) => ref.slice(OPERATIONS_PACK.length + 1);

  return {
    mayProvide: mayBeOperation,
    async find(ref) {
      if (!mayBeOperation(ref)) return undefined;
      const state = await index();
      const found = await look(state, nameOf(ref));
      if (found !== undefined) return found;
      const again = await index(MISSED);
      return again === state ? undefined : await look(again, nameOf(ref));
    },
    async list() {
      const { entries } = await index();
      const actions = new Map<string, Action>();
      await visit(entries.values(), async (entry) => {
        for (const action of (await load(entry)).values()) actions.set(action.ref, action);
      });
      return [...actions.values()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
    },
    async refs() {
      return [...(await allNames(await index())).keys()].map((name) => `${OPERATIONS_PACK}.${name}`);
    },
  };
}

function actionsOf(operations: readonly Operation[], url: string): ReadonlyMap<string, Action> {
  const share = createShare();
  return new Map(
    operations.map((operation) => {
      const parameters = Object.entries(operation.parameters).map(([name, schema]) => [name, share(schema)] as const);
      return [operation.name, actionOfOperation({ ...operation, parameters: Object.fromEntries(parameters) }, url)];
    }),
  );
}

/** The documents that a name points to, the most exact first. */
function likely(entries: DocumentIndex, name: string): readonly DocumentEntry[] {
  const text = name.toLowerCase();
  return [...entries]
    .map(([group, entry]) => ({ tag: tagOf(group), entry }))
    .filter(({ tag }) => tag !== '' && text.includes(tag))
    .sort((a, b) => b.tag.length - a.tag.length)
    .map(({ entry }) => entry);
}

function indexOf(answer: unknown, now: number): DocumentIndex {
  const paths = (answer as { readonly paths?: Readonly<Record<string, { serverRelativeURL?: unknown }>> } | null)
    ?.paths; // checked next
  if (typeof paths !== 'object' || paths === null) {
    throw new PetrelError(
      'kubernetes',
      'The Kubernetes API server answered /openapi/v3 with something that is no list.',
    );
  }
  const entries = new Map<string, DocumentEntry>();
  for (const [group, { serverRelativeURL: url }] of Object.entries(paths)) {
    if (typeof url !== 'string') continue;
    // Without a hash nobody tells when it changes: it is read again whenever the list is.
    const stamp = url.includes('hash=') ? '' : String(now);
    entries.set(group, { url, key: documentKey(group, url, stamp) });
  }
  return entries;
}

/** What comes within so many milliseconds, else what there is. */
async function atMost<T>(milliseconds: number, coming: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), milliseconds);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
    coming.catch(() => {}); // nobody may be waiting for it any more; it was said in the log
  }
}

function sameKeys(left: DocumentIndex, right: DocumentIndex): boolean {
  return left.size === right.size && [...left].every(([group, { key }]) => right.get(group)?.key === key);
}

function unavailable(error: unknown, server: string): PetrelError {
  return new PetrelError(
    'unavailable',
    `The operations of the Kubernetes API at ${server} are not known: its OpenAPI documents were never read before, and now ${messageOf(error)}`,
    { cause: error },
  );
}
