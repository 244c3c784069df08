/**
 * Strategic merge patch: merge patch that knows which lists of built-in kinds are merged by a key, with its directives `$patch`,
 * `$retainKeys`, `$deleteFromPrimitiveList/...` and `$setElementOrder/...`.
 */
import { badRequest } from '../errors.ts';
import { clone, equal, isMap, type Json, type JsonMap, own } from '../json.ts';
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
    else if (Array.isArray(value)) merged[key] = mergeLists(own(merged, key), value, child);
    else if (isMap(value) && value.$patch === 'delete') delete merged[key];
    else merged[key] = strategicMergePatch(own(merged, key), value, child);
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(ORDER) && Array.isArray(order)) {
      const field = key.slice(ORDER.length);
      sortItems(merged, field, order, childSchema(schema, field));
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

function sortItems(merged: JsonMap, field: string, order: readonly Json[], schema: Schema | undefined): void {
  const items = own(merged, field);
  if (!Array.isArray(items)) return;
  const key = mergeKey(schema);
  const identity = (item: Json): Json | undefined => (key !== undefined && isMap(item) ? own(item, key) : item);
  const rank = (item: Json): number => {
    const index = order.findIndex((one) => equal(identity(one), identity(item)));
    return index < 0 ? order.length : index;
  };
  merged[field] = items
    .map((item, index) => ({ item, index }))
    .sort((a, b) => rank(a.item) - rank(b.item) || a.index - b.index)
    .map(({ item }) => item);
}
