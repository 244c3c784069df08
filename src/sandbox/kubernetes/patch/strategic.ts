/**
 * Strategic merge patch: merge patch that knows which lists of built-in kinds are merged by a key, with its directives `$patch`,
 * `$retainKeys`, `$deleteFromPrimitiveList/...` and `$setElementOrder/...`.
 */
import { badRequest } from '../errors.ts';
import { clone, equal, isMap, type Json, type JsonMap, listAt, own } from '../json.ts';
import { childSchema, type Schema } from '../schema/schema.ts';

const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

/** A new value; neither argument is changed. Throws 400 for a directive it does not know. */
export function strategicMergePatch(target: Json | undefined, patch: Json, schema: Schema | undefined): Json {
  if (!isMap(patch)) return clone(patch);
  if (patch.$patch === 'replace') return stripped(patch);
  if (patch.$patch === 'delete') return {};
  if (patch.$patch !== undefined && patch.$patch !== 'merge') {
    throw badRequest(`Unknown patch type: ${JSON.stringify(patch.$patch)}`);
  }
  const merged: JsonMap = isMap(target) ? { ...target } : {};
  const retained = patch.$retainKeys;
  if (Array.isArray(retained)) {
    for (const key of Object.keys(merged)) if (!retained.includes(key)) delete merged[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM)) removeItems(merged, key.slice(DELETE_FROM.length), value);
    if (key.startsWith('$') || value === undefined) continue;
    const child = childSchema(schema, key);
    if (value === null) delete merged[key];
    else if (Array.isArray(value)) {
      const items = mergeLists(own(merged, key), value, child);
      // A list that is merged is ordered by its patch, unless the patch says another order.
      const asPatched = isMerged(child) && !Object.hasOwn(patch, ORDER + key);
      merged[key] = asPatched ? inOrder(items, value, listAt(target, key), child) : items;
    } else if (isMap(value) && value.$patch === 'delete') delete merged[key];
    else merged[key] = strategicMergePatch(own(merged, key), value, child);
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(ORDER) && Array.isArray(order)) {
      const field = key.slice(ORDER.length);
      const items = own(merged, field);
      if (Array.isArray(items))
        merged[field] = inOrder(items, order, listAt(target, field), childSchema(schema, field));
    }
  }
  return merged;
}

/** A patch's own content without the directives. */
function stripped(patch: JsonMap): JsonMap {
  const { $patch: _directive, ...content } = patch;
  return clone(content);
}

/** The strategy is `merge`, `retainKeys` (of which only the directive matters) or both. */
function isMerged(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-patch-strategy']?.split(',').includes('merge') === true;
}

function mergeKey(schema: Schema | undefined): string | undefined {
  return isMerged(schema) ? schema?.['x-kubernetes-patch-merge-key'] : undefined;
}

function mergeLists(live: Json | undefined, patch: readonly Json[], schema: Schema | undefined): Json[] {
  const items = Array.isArray(live) ? [...live] : [];
  const key = mergeKey(schema);
  const plain = patch.filter((item) => !(isMap(item) && item.$patch !== undefined));
  if (patch.some((item) => isMap(item) && item.$patch === 'replace')) return plain.map(clone);
  if (key === undefined) {
    if (!isMerged(schema)) return plain.map(clone);
    return [...items, ...plain.filter((item) => !items.some((one) => equal(one, item))).map(clone)];
  }
  for (const item of patch) {
    if (!isMap(item)) continue;
    const identity = own(item, key);
    const index = items.findIndex((one) => isMap(one) && equal(own(one, key), identity));
    if (item.$patch === 'delete') {
      if (index >= 0) items.splice(index, 1);
    } else if (identity === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    } else if (index >= 0) {
      items[index] = strategicMergePatch(items[index], item, schema?.items);
    } else {
      items.push(strategicMergePatch(undefined, item, schema?.items));
    }
  }
  return items;
}

function removeItems(merged: JsonMap, field: string, gone: Json | undefined): void {
  const items = own(merged, field);
  if (!Array.isArray(items) || !Array.isArray(gone)) return;
  merged[field] = items.filter((item) => !gone.some((one) => equal(one, item)));
}

/**
 * As the real server's `normalizeElementOrder`: what the patch names comes in its order, what only the server has keeps its own, and between the
 * two the old order decides where it knows both; something new goes before.
 */
function inOrder(
  items: readonly Json[],
  order: readonly Json[],
  before: readonly Json[],
  schema: Schema | undefined,
): Json[] {
  const key = mergeKey(schema);
  const identity = (item: Json): Json | undefined => (key !== undefined && isMap(item) ? own(item, key) : item);
  const place = (list: readonly Json[], item: Json) => list.findIndex((one) => equal(identity(one), identity(item)));
  const named = items.filter((item) => place(order, item) >= 0).sort((a, b) => place(order, a) - place(order, b));
  const rest = items.filter((item) => place(order, item) < 0);
  const sorted: Json[] = [];
  let next = 0;
  for (const item of named) {
    const at = place(before, item);
    for (let other = rest[next]; other !== undefined && at >= 0 && place(before, other) < at; other = rest[next]) {
      sorted.push(other);
      next++;
    }
    sorted.push(item);
  }
  return [...sorted, ...rest.slice(next)];
}
