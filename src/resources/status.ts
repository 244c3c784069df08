import { isDeepStrictEqual } from 'node:util';
import { type Id, isJsonObject, type Json, type JsonObject, type ResourceRecord } from '../model/index.ts';
import type { Decision } from './decide.ts';

/**
 * The status that tells people and tools how an object stands. Ready, Progressing, Drifted and Degraded are always there;
 * Reconciling and Stalled only while true, since kstatus (Flux, kpt) reads their presence.
 *
 * What works on while its newest wish cannot be granted is Ready, since whoever uses it can; and Stalled and Degraded, so that nobody who has
 * applied the wish takes it for fulfilled.
 */
export function statusOf(
  decision: Decision,
  record: ResourceRecord | undefined,
  object: { readonly generation: number; readonly status: JsonObject },
  execution: Id | undefined,
  now: number,
): JsonObject {
  const wanted = conditionsOf(decision, record);
  const before = Array.isArray(object.status.conditions) ? object.status.conditions.filter(isJsonObject) : [];
  const conditions = wanted.map(([type, isTrue, reason, message]) => {
    const status = isTrue ? 'True' : 'False';
    const known = before.find((condition) => condition.type === type);
    const unchanged = known?.status === status ? known.lastTransitionTime : undefined;
    return {
      type,
      status,
      reason,
      message,
      observedGeneration: object.generation,
      lastTransitionTime: unchanged ?? new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    };
  });
  const lastExecution = execution ?? record?.intent?.executionId ?? object.status.execution;
  return {
    observedGeneration: object.generation,
    conditions,
    outputs: record?.outputs ?? {},
    ...(lastExecution !== undefined && { execution: lastExecution }),
  };
}

export function isSameStatus(left: Json | undefined, right: JsonObject): boolean {
  if (!isJsonObject(left)) return false;
  // Conditions are a set by type; whoever stores them may order them otherwise.
  return isDeepStrictEqual(sorted(left), sorted(right));
}

function sorted(status: JsonObject): JsonObject {
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isJsonObject) : [];
  const ordered = [...conditions].sort((a, b) => String(a.type).localeCompare(String(b.type)));
  return { ...status, outputs: status.outputs ?? {}, conditions: ordered };
}

/** The reason that Ready carries; what Events are about. */
export function readyReason(status: Json | undefined): string | undefined {
  const conditions = isJsonObject(status) && Array.isArray(status.conditions) ? status.conditions : [];
  const ready = conditions.filter(isJsonObject).find(({ type }) => type === 'Ready');
  return typeof ready?.reason === 'string' ? ready.reason : undefined;
}

type Condition = readonly [type: string, isTrue: boolean, reason: string, message: string];

function conditionsOf(decision: Decision, record: ResourceRecord | undefined): readonly Condition[] {
  const { state, step, reason, message } = decision;
  const hasFailed = record?.failure?.retryAt !== undefined;
  const isBlocked = state === 'blocked';
  const isDrifted = state === 'drifted';
  const isCorrected = isDrifted && step !== 'none';
  const vanished = isDrifted && reason === 'Vanished';
  const isHeldBack = decision.inEffect === true;
  const isReady = state === 'unchanged' || isHeldBack || (isDrifted && !isCorrected && !vanished);
  const isProgressing = !isReady && !isBlocked && !(isDrifted && !isCorrected);
  const isDegraded = isBlocked || isHeldBack || vanished || (hasFailed && !isReady);
  const clean = 'Nothing is wrong.';
  return [
    ['Ready', isReady, reason, message],
    [
      'Progressing',
      isProgressing,
      isProgressing ? reason : 'Settled',
      isProgressing ? message : 'Nothing is under way.',
    ],
    [
      'Drifted',
      isDrifted,
      isDrifted ? reason : 'AsWished',
      isDrifted ? message : 'Nothing was seen that is not as wished.',
    ],
    [
      'Degraded',
      isDegraded,
      isDegraded ? (record?.failure?.reason ?? reason) : 'Healthy',
      isDegraded ? (record?.failure?.message ?? message) : clean,
    ],
    ...(isProgressing ? [['Reconciling', true, reason, message] as const] : []),
    ...(isBlocked || isHeldBack ? [['Stalled', true, reason, message] as const] : []),
  ];
}
