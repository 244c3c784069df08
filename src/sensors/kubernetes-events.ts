import type { JsonObject, TriggerEvent } from '../model/index.ts';
import type { KubernetesObject } from '../sdk/index.ts';
import type { Step } from './handled-index.ts';
import { type BoundTrigger, RESOURCE_TRIGGER } from './kubernetes-triggers.ts';

/** A step whose object was found: an event's own, or the stored summary of one that is gone. */
export interface CompleteStep extends Step {
  readonly object: KubernetesObject;
}

/** The event of one step for one trigger. Handing it over again is a no-op by its dedupe key. */
export function eventOf(step: CompleteStep, trigger: BoundTrigger): TriggerEvent {
  return {
    trigger: trigger.type,
    parameters: trigger.parameters,
    payload: trigger.type === RESOURCE_TRIGGER ? resourcePayload(step) : thirdPartyPayload(step),
    dedupeKey: `${trigger.key}|${step.uid}|${step.resourceVersion}|${step.type}`,
  };
}

function resourcePayload({
  type,
  uid,
  resourceVersion,
  generationChanged,
  synthesised,
  object,
}: CompleteStep): JsonObject {
  const { metadata } = object;
  return {
    type,
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: metadata.name,
    namespace: metadata.namespace ?? null,
    uid,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    resourceVersion,
    generation: metadata.generation ?? null,
    generation_changed: generationChanged,
    synthesised,
    object: asJson(object),
  };
}

/** The payload of 2016, and the object's body. */
function thirdPartyPayload({ type, uid, generationChanged, object }: CompleteStep): JsonObject {
  return {
    resource: type,
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? null,
    labels: object.metadata.labels ?? {},
    object_kind: object.kind,
    uid,
    generation_changed: generationChanged,
    object: asJson(object),
  };
}

function asJson(object: KubernetesObject): JsonObject {
  return object as unknown as JsonObject; // it was parsed from JSON, so JSON is all it can hold
}
