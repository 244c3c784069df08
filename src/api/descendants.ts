import type { Execution, Id } from '../model/index.ts';
import type { Store } from '../store/index.ts';

/** More than this are not gathered for one answer. */
const MOST = 10_000;

/** All below an execution to a depth (-1: to the ground), level by level, each the oldest first. */
export async function descendantsOf(
  store: Pick<Store, 'listExecutions'>,
  id: Id,
  depth: number,
): Promise<readonly Execution[]> {
  const found: Execution[] = [];
  let parents = [id];
  for (let level = 0; parents.length > 0 && level !== depth && found.length < MOST; level++) {
    const below: Execution[] = [];
    for (const parentId of parents) {
      const page = { limit: MOST - found.length - below.length, offset: 0, uncounted: true };
      below.push(...(await store.listExecutions({ parentId, order: 'oldest' }, page)).items);
    }
    found.push(...below);
    parents = below.map((child) => child.id);
  }
  return found;
}
