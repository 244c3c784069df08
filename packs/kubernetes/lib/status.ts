import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from 'petrel/sdk';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly observedGeneration?: number | undefined;
  readonly [field: string]: unknown;
}

export interface WantedStatus {
  /** Merged into the status; a null removes a field. */
  readonly status: Readonly<Record<string, unknown>>;
  /** Merged by type into status.conditions. */
  readonly conditions: readonly Condition[];
}

/**
 * The merge patch that brings an object's status to what is wanted; undefined when it is there already, so that repeating a
 * report makes no event. A condition's lastTransitionTime moves only when its status changes; its observedGeneration is its own,
 * else the reported status's, else the object's generation.
 */
export function statusPatch(
  object: KubernetesObject,
  wanted: WantedStatus,
  now: Date,
): Record<string, unknown> | undefined {
  const current = fieldsOf(object.status);
  const patch: Record<string, unknown> = { ...wanted.status };
  if (wanted.conditions.length > 0) {
    const generation = wanted.status.observedGeneration ?? object.metadata.generation;
    patch.conditions = mergeConditions(conditionsOf(current.conditions), wanted.conditions, generation, now);
  }
  const changed = Object.entries(patch).filter(([field, value]) => !contains(current[field], value));
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function mergeConditions(
  current: readonly Condition[],
  wanted: readonly Condition[],
  generation: unknown,
  now: Date,
): readonly Condition[] {
  const merged = new Map(current.map((condition) => [condition.type, condition]));
  for (const condition of wanted) {
    const before = merged.get(condition.type);
    const unchanged = before?.status === condition.status ? before.lastTransitionTime : undefined;
    merged.set(condition.type, {
      ...before,
      ...(typeof generation === 'number' ? { observedGeneration: generation } : {}),
      ...condition,
      reason: condition.reason ?? before?.reason ?? condition.status,
      message: condition.message ?? '',
      lastTransitionTime: unchanged ?? now.toISOString().replace(/\.\d+Z$/, 'Z'),
    });
  }
  return [...merged.values()];
}

/** Whether a merge patch's value is in effect already. */
function contains(current: unknown, wanted: unknown): boolean {
  if (wanted === null) return current === undefined || current === null;
  if (typeof wanted !== 'object' || Array.isArray(wanted)) return isDeepStrictEqual(current, wanted);
  if (typeof current !== 'object' || current === null || Array.isArray(current)) return false;
  const fields = fieldsOf(current);
  return Object.entries(wanted).every(([field, value]) => contains(fields[field], value));
}

function conditionsOf(value: unknown): readonly Condition[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is Condition => typeof fieldsOf(item).type === 'string');
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}; // an object's fields are unknown
}
