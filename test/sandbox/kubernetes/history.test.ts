import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answered, type Cluster, CONFIG_MAPS, configMap, startCluster } from './support.ts';

/**
 * A client as the documentation tells one to be: list, watch from the list's version, go on from the last version seen when the watch ends, list anew
 * when that version is gone.
 */
class Follower {
  readonly state = new Map<string, Answered>();
  readonly #cluster: Cluster;
  readonly #query: string;
  #version = '';
  #stopped = false;
  #budget = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, selector: string) {
    this.#cluster = cluster;
    this.#query = selector === '' ? '' : `&labelSelector=${encodeURIComponent(selector)}`;
  }

  /** Lets the follower make that many more requests: between them it is asleep, and the server goes on without it. */
  allow(requests: number): void {
    this.#budget += requests;
  }

  /** As `allow`, and waits a moment for the follower to make them. */
  async use(requests: number): Promise<void> {
    this.allow(requests);
    for (let waited = 0; waited < 5 && this.#budget > 0; waited++)
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async #permission(): Promise<void> {
    while (this.#budget <= 0 && !this.#stopped) await new Promise((resolve) => setTimeout(resolve, 1));
    this.#budget--;
  }

  start(): void {
    this.#running = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    let ended = false;
    const running = this.#running.finally(() => {
      ended = true;
    });
    // A watch may just be about to open.
    while (!ended) {
      this.#cluster.sandbox.faults.closeWatches();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await running;
  }

  /** Resolves when everything up to a version has been seen; rejects when the follower saw what cannot be. */
  async reaches(version: string): Promise<void> {
    let failed = false;
    this.#running.catch(() => {
      failed = true;
    });
    while (!failed && Number(this.#version) < Number(version)) await new Promise((resolve) => setTimeout(resolve, 1));
    if (failed) await this.#running;
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      if (this.#version === '') await this.#list();
      await this.#watch();
    }
  }

  async #list(): Promise<void> {
    const seen = new Map<string, Answered>();
    let continuation = '';
    let version = '';
    do {
      await this.#permission();
      const { status, body } = await this.#cluster.get(`${CONFIG_MAPS}?limit=1&continue=${continuation}${this.#query}`);
      if (status !== 200) return;
      for (const item of body.items) seen.set(item.metadata.name, item);
      version = body.metadata.resourceVersion;
      continuation = body.metadata.continue ?? '';
    } while (continuation !== '');
    this.state.clear();
    for (const [name, item] of seen) this.state.set(name, item);
    this.#version = version;
  }

  async #watch(): Promise<void> {
    if (this.#version === '') return;
    await this.#permission();
    const path = `${CONFIG_MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion=${this.#version}${this.#query}`;
    const stream = await this.#cluster.watch(path);
    if (stream.status === 410) this.#version = '';
    if (stream.status !== 200) return;
    // A cut connection ends the watch as an orderly end does: go on from the last version.
    const next = () => stream.next().catch(() => undefined);
    for (let event = await next(); event !== undefined; event = await next()) this.#take(event);
  }

  #take(event: Answered): void {
    if (event.type === 'ERROR') {
      this.#version = '';
      return;
    }
    const { name, resourceVersion } = event.object.metadata;
    if (event.type === 'ADDED') expect(this.state.has(name)).toBe(false);
    if (event.type === 'MODIFIED') expect(this.state.has(name)).toBe(true);
    if (event.type === 'DELETED') this.state.delete(name);
    else if (event.type !== 'BOOKMARK') this.state.set(name, event.object);
    this.#version = resourceVersion;
  }
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const team = fc.constantFrom('shop', 'pay');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('create' as const), name, team }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), name, team }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('allow' as const), requests: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('close' as const, 'expire' as const, 'empty' as const, 'compact' as const),
    }),
  },
);

describe('a client that lists and watches', () => {
  it.each(['', 'team=shop'])('ends with the server’s state whatever happens (selector %j)', async (selector) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.constantFrom(2, 50), async (steps, historyLimit) => {
        const cluster = await startCluster({ historyLimit, bookmarkSeconds: 0.01 });
        const { faults } = cluster.sandbox;
        const follower = new Follower(cluster, selector);
        follower.start();
        for (const [index, one] of steps.entries()) {
          const change = {
            metadata: { labels: { team: 'team' in one ? one.team : '' } },
            data: { index: String(index) },
          };
          if (one.do === 'create') await cluster.post(CONFIG_MAPS, configMap(one.name, {}, change.metadata));
          else if (one.do === 'change') await cluster.patch(`${CONFIG_MAPS}/${one.name}`, 'merge', change);
          else if (one.do === 'delete') await cluster.delete(`${CONFIG_MAPS}/${one.name}`);
          else if (one.do === 'allow') await follower.use(one.requests);
          else if (one.do === 'close') faults.closeWatches();
          else if (one.do === 'expire') faults.expireOpenWatches();
          else if (one.do === 'empty') faults.emptyWatches();
          else faults.compact();
        }
        follower.allow(Number.POSITIVE_INFINITY);
        const { body } = await cluster.get(`${CONFIG_MAPS}?labelSelector=${encodeURIComponent(selector)}`);
        await follower.reaches(body.metadata.resourceVersion);
        await follower.stop();
        expect([...follower.state.values()].sort((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1))).toEqual(
          body.items,
        );
        await cluster.sandbox.close();
      }),
      { numRuns: 100 },
    );
  });
});
