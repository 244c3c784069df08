/** What happens by itself after a write: the few controllers without which the API would not behave as an API server's. */
import type { Api } from '../api.ts';
import type { StoredEvent } from '../watch-cache.ts';
import { followCustomKinds } from './custom-kinds.ts';
import { createGarbageCollector } from './garbage-collector.ts';
import { followNamespaces } from './namespaces.ts';

/**
 * Follows the storage from now on. Events are handled one after the other after the write that made them has been completed, and before
 * the next request is: their own writes come later in the history, as with controllers elsewhere, but nobody has to wait for them.
 */
export function startControllers(api: Api): void {
  const collector = createGarbageCollector(api);
  const queue: { resource: string; event: StoredEvent }[] = [];
  let scheduled = false;
  const drain = (): void => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      collector.follow(next.resource, next.event);
      followCustomKinds(api, next.resource, next.event);
      followNamespaces(api, next.resource, next.event);
    }
    scheduled = false;
  };
  api.storage.subscribe((resource, event) => {
    queue.push({ resource, event });
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(drain);
  });
}
