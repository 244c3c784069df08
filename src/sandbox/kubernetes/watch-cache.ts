/**
 * The recent past of one resource: a bounded run of events, from which watches are replayed and past states rebuilt.
 * What fell out of it is answered with 410, as etcd's compaction makes the real server do.
 */
import type { KubeObject } from './objects.ts';
import { keyOf } from './objects.ts';

export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The state after the event; for DELETED the last state with the deletion's own version. */
  readonly object: KubeObject;
  /** The state before; undefined for ADDED. */
  readonly previous: KubeObject | undefined;
  readonly revision: number;
}

export class WatchCache {
  readonly #limit: number;
  #events: StoredEvent[] = [];
  /** Everything after this revision is still known. */
  #floor: number;

  /** `floor` is the revision at which the resource was first seen: nothing happened to it before. */
  constructor(limit: number, floor: number) {
    this.#limit = limit;
    this.#floor = floor;
  }

  append(event: StoredEvent): void {
    this.#events.push(event);
    // Dropping a quarter at once keeps the cost of an append constant.
    if (this.#events.length > this.#limit * 1.25) {
      const dropped = this.#events.splice(0, this.#events.length - this.#limit);
      this.#floor = dropped.at(-1)?.revision ?? this.#floor;
    }
  }

  /** Whether every event after `revision` is still known. */
  reaches(revision: number): boolean {
    return revision >= this.#floor;
  }

  since(revision: number): readonly StoredEvent[] {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  /** The objects as they were at `revision`, which must be within reach: the present with the later events undone. */
  rewind(present: ReadonlyMap<string, KubeObject>, revision: number): Map<string, KubeObject> {
    const past = new Map(present);
    const later = this.since(revision);
    for (let index = later.length - 1; index >= 0; index--) {
      const event = later[index];
      if (event === undefined) continue;
      const key = keyOf(event.object);
      if (event.previous === undefined) past.delete(key);
      else past.set(key, event.previous);
    }
    return past;
  }

  /** Forgets everything up to `revision`. */
  compact(revision: number): void {
    this.#events = [...this.since(revision)];
    this.#floor = Math.max(this.#floor, revision);
  }
}
