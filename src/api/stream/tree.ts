import type { Id, JsonObject } from '../../model/index.ts';
import { attributesOf } from '../attributes.ts';
import { descendantsOf } from '../descendants.ts';
import { executionViews } from '../execution-view.ts';
import type { ApiServices } from '../services.ts';
import type { Facts } from './filter.ts';

/** How many executions are shown at one time. */
const BATCH = 200;

/** An execution with everything that it has started and will start, as a reader of the stream follows it. */
export interface Tree {
  /** Whether an event is about a part of it. It is to be asked of every event: so it learns of new parts. */
  holds(facts: Facts): boolean;
  /** How all of it stands now, what started others before those, without results. */
  views(): AsyncGenerator<JsonObject>;
}

export function createTree(root: Id, services: ApiServices): Tree {
  const { store } = services;
  const parts = new Set<string>([root]);
  return {
    holds({ executionId, parentId }) {
      if (executionId === undefined) return false;
      if (parentId !== undefined && parts.has(parentId)) parts.add(executionId);
      return parts.has(executionId);
    },
    async *views() {
      const top = await store.getExecution(root);
      const all = [...(top === undefined ? [] : [top]), ...(await descendantsOf(store, root, -1))];
      for (const { id } of all) parts.add(id);
      const attributes = attributesOf({ exclude_attributes: 'result' });
      for (let start = 0; start < all.length; start += BATCH) {
        yield* await executionViews(all.slice(start, start + BATCH), services, { attributes });
      }
    },
  };
}
