/** One key as Consul keeps it. */
export interface Entry {
  readonly key: string;
  readonly value: Buffer;
  readonly flags: number;
  readonly createIndex: number;
  readonly modifyIndex: number;
}

export interface Write {
  readonly key: string;
  readonly value: Buffer;
  readonly flags: number;
}

/**
 * The keys at one moment of a transaction or request. Reads see the draft's own writes; nothing is kept until `KeyStore.write`
 * is through without an error.
 */
export class Draft {
  readonly index: number;
  readonly entries: Map<string, Entry>;
  readonly tombstones: Map<string, number>;

  constructor(index: number, entries: Map<string, Entry>, tombstones: Map<string, number>) {
    this.index = index;
    this.entries = entries;
    this.tombstones = tombstones;
  }

  /** Writing what is already there changes nothing, not even the key's index (as Consul since 1.4). */
  set(write: Write): Entry {
    const old = this.entries.get(write.key);
    if (old !== undefined && old.flags === write.flags && old.value.equals(write.value)) return old;
    const entry = { ...write, createIndex: old?.createIndex ?? this.index, modifyIndex: this.index };
    this.entries.set(write.key, entry);
    this.tombstones.delete(write.key);
    return entry;
  }

  delete(key: string): void {
    if (this.entries.delete(key)) this.tombstones.set(key, this.index);
  }

  deleteTree(prefix: string): void {
    for (const key of [...this.entries.keys()]) if (key.startsWith(prefix)) this.delete(key);
  }
}

/** All keys, the index that every write moves on, and the callers that wait for it to move. */
export class KeyStore {
  // A fresh Consul has spent its first indexes on electing itself.
  #index = 10;
  #entries = new Map<string, Entry>();
  /** When keys were deleted, so that a blocking query on their prefix sees the deletion. */
  #tombstones = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Entries below a prefix in the order of their keys' bytes. */
  list(prefix: string): Entry[] {
    return sorted(this.#entries, prefix);
  }

  /** What `X-Consul-Index` says of one key: its own index, or the table's when it is not there. */
  indexOfKey(key: string): number {
    return this.#entries.get(key)?.modifyIndex ?? this.#tableIndex();
  }

  /** The same of a prefix: the newest write or deletion below it. */
  indexOfPrefix(prefix: string): number {
    return this.#newest(prefix) || this.#tableIndex();
  }

  /** Runs `change` on a draft and keeps it when it answers `true`; everything or nothing. */
  write(change: (draft: Draft) => boolean): boolean {
    this.#index += 1;
    const draft = new Draft(this.#index, new Map(this.#entries), new Map(this.#tombstones));
    if (!change(draft)) return false;
    this.#entries = draft.entries;
    this.#tombstones = draft.tombstones;
    for (const wake of [...this.#waiting]) wake();
    return true;
  }

  /** Resolves after the next write, after `milliseconds`, or when the signal aborts; whichever comes first. */
  nextWrite(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  #tableIndex(): number {
    return Math.max(1, this.#newest(''));
  }

  #newest(prefix: string): number {
    let newest = 0;
    for (const entry of this.#entries.values()) {
      if (entry.key.startsWith(prefix)) newest = Math.max(newest, entry.modifyIndex);
    }
    for (const [key, index] of this.#tombstones) {
      if (key.startsWith(prefix)) newest = Math.max(newest, index);
    }
    return newest;
  }
}

export function sorted(entries: ReadonlyMap<string, Entry>, prefix: string): Entry[] {
  return [...entries.values()]
    .filter((entry) => entry.key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

/** The JSON form of an entry; an empty value is null, as Consul writes it. */
export function entryJson(entry: Entry, withValue = true): Record<string, unknown> {
  return {
    LockIndex: 0,
    Key: entry.key,
    Flags: entry.flags,
    Value: withValue && entry.value.length > 0 ? entry.value.toString('base64') : null,
    CreateIndex: entry.createIndex,
    ModifyIndex: entry.modifyIndex,
  };
}
