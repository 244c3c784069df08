/** JSON merge patch, RFC 7386. */
import { clone, isMap, type Json, type JsonMap, own } from '../json.ts';

/** A new value; neither argument is changed. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isMap(patch)) return clone(patch);
  const merged: JsonMap = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete merged[key];
    else merged[key] = mergePatch(own(merged, key), value);
  }
  return merged;
}
