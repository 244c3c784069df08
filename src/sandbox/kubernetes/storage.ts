/**
 * Where objects live: one map per resource, one revision counter over everything, as etcd has. It knows nothing of kinds,
 * schemas or HTTP. What it is given belongs to it from then on; what it gives out must not be changed.
 */
import { type KubeObject, keyOf, objectKey } from './objects.ts';
import { type StoredEvent, WatchCache } from './watch-cache.ts';

export type StorageListener = (resource: string, event: StoredEvent) => void;

interface Shelf {
  readonly objects: Map<string, KubeObject>;
  readonly history: WatchCache;
  readonly watchers: Set<(event: StoredEvent) => void>;
  /** The keys in order; undefined after an addition or removal, made again when next asked for. */
  sorted: readonly string[] | undefined;
}

export class Storage {
  readonly #shelves = new Map<string, Shelf>();
  readonly #listeners = new Set<StorageListener>();
  readonly #historyLimit: number;
  // A fresh etcd is at revision 1; 0 means "any version" in the API.
  #revision = 1;
  /** Nothing is known of what happened up to here. */
  #floor = 0;

  /** `historyLimit`: how many events of each resource are remembered for watches (default 10,000). */
  constructor(historyLimit = 10_000) {
    this.#historyLimit = historyLimit;
  }

  /** The version of the newest change. */
  get revision(): number {
    return this.#revision;
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#shelves.get(resource)?.objects.get(objectKey(namespace, name));
  }

  /** Every object of a resource, in key order; of one namespace when given. */
  list(resource: string, namespace?: string): KubeObject[] {
    const shelf = this.#shelf(resource);
    shelf.sorted ??= [...shelf.objects.keys()].sort();
    const found: KubeObject[] = [];
    for (const key of shelf.sorted) {
      const object = shelf.objects.get(key);
      if (object !== undefined && (namespace === undefined || object.metadata.namespace === namespace))
        found.push(object);
    }
    return found;
  }

  /** The objects as they were at a revision, in key order; undefined when that is no longer known. */
  listAt(resource: string, revision: number): KubeObject[] | undefined {
    const shelf = this.#shelf(resource);
    if (!shelf.history.reaches(revision)) return undefined;
    if (shelf.history.since(revision).length === 0) return this.list(resource);
    const past = shelf.history.rewind(shelf.objects, revision);
    return [...past].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** Whether a resource has any object in a namespace. */
  hasAny(resource: string, namespace: string): boolean {
    for (const object of this.#shelves.get(resource)?.objects.values() ?? []) {
      if (object.metadata.namespace === namespace) return true;
    }
    return false;
  }

  count(resource: string): number {
    return this.#shelves.get(resource)?.objects.size ?? 0;
  }

  resources(): readonly string[] {
    return [...this.#shelves.keys()];
  }

  /** Stores an object under its name with the next revision, and tells everybody. Returns what is stored. */
  put(resource: string, object: KubeObject): KubeObject {
    const shelf = this.#shelf(resource);
    const key = keyOf(object);
    const previous = shelf.objects.get(key);
    const stored = this.#stamped(object);
    shelf.objects.set(key, stored);
    if (previous === undefined) shelf.sorted = undefined;
    this.#tell(resource, shelf, {
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      object: stored,
      previous,
      revision: this.#revision,
    });
    return stored;
  }

  /** Removes an object. Returns its last state with the deletion's revision, or undefined when there was none. */
  remove(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    const shelf = this.#shelf(resource);
    const key = objectKey(namespace, name);
    const previous = shelf.objects.get(key);
    if (previous === undefined) return undefined;
    shelf.objects.delete(key);
    shelf.sorted = undefined;
    const last = this.#stamped(previous);
    this.#tell(resource, shelf, { type: 'DELETED', object: last, previous, revision: this.#revision });
    return last;
  }

  /** The events of a resource after a revision; undefined when some are forgotten. */
  eventsSince(resource: string, revision: number): readonly StoredEvent[] | undefined {
    const { history } = this.#shelf(resource);
    return history.reaches(revision) ? history.since(revision) : undefined;
  }

  /** Calls for each later event of a resource, in order, until the returned function is called. */
  watch(resource: string, watcher: (event: StoredEvent) => void): () => void {
    const { watchers } = this.#shelf(resource);
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }

  /**
   * Takes in objects that were kept somewhere, at the revisions they have, and tells the listeners of each as of something new. What happened
   * before is not known: whoever watches from an older revision is told that it is gone.
   */
  restore(kept: readonly { readonly resource: string; readonly object: KubeObject }[], revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    this.#floor = this.#revision;
    for (const { resource, object } of kept) {
      const shelf = this.#shelf(resource);
      shelf.objects.set(keyOf(object), object);
      shelf.sorted = undefined;
      const event: StoredEvent = { type: 'ADDED', object, previous: undefined, revision: this.#revision };
      for (const listener of this.#listeners) listener(resource, event);
    }
  }

  /** Calls for each later event of every resource (for controllers). */
  subscribe(listener: StorageListener): void {
    this.#listeners.add(listener);
  }

  /** Forgets all history: whoever asks for what happened after an older version is told that it is gone. */
  compact(): void {
    // Consuming a revision makes every version handed out before this moment an old one, as an active cluster would.
    this.#revision++;
    for (const shelf of this.#shelves.values()) shelf.history.compact(this.#revision);
  }

  #stamped(object: KubeObject): KubeObject {
    this.#revision++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } };
  }

  #tell(resource: string, shelf: Shelf, event: StoredEvent): void {
    shelf.history.append(event);
    for (const watcher of [...shelf.watchers]) watcher(event);
    for (const listener of this.#listeners) listener(resource, event);
  }

  #shelf(resource: string): Shelf {
    let shelf = this.#shelves.get(resource);
    if (shelf === undefined) {
      shelf = {
        objects: new Map(),
        history: new WatchCache(this.#historyLimit, this.#floor),
        watchers: new Set(),
        sorted: [],
      };
      this.#shelves.set(resource, shelf);
    }
    return shelf;
  }
}
