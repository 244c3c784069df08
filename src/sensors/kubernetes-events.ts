import type { JsonObject, TriggerEvent } from '../model/index.ts';
import type { KubernetesObject } from '../sdk/index.ts';
import type { Step } from './handled-index.ts';
import { type BoundTrigger, RESOURCE_TRIGGER } from './kubernetes-triggers.ts';
import { createProjection, differs, project } from './projection.ts';

/** A step whose object was found: an event's own, or the stored summary of one that is gone. */
export interface CompleteStep extends Step {
  readonly object: KubernetesObject;
  /** Of a MODIFIED the state before, or what was kept of it; undefined: not known. */
  readonly previous: KubernetesObject | undefined;
}

export interface TypedEvent {
  readonly type: Step['type'];
  readonly event: TriggerEvent;
}

/**
 * The events of a batch, in the order of its steps. For a trigger that names fields a MODIFIED that changed none of them makes none, for
 * one that coalesces of several MODIFIED of one object the newest stands for all. Handing an event over again is a no-op by its dedupe key.
 */
export function eventsOf(steps: readonly CompleteStep[], triggers: readonly BoundTrigger[]): readonly TypedEvent[] {
  const placed = triggers.flatMap((trigger) => {
    const projection = trigger.fields && createProjection(trigger.fields);
    const wanted = (trigger.coalesce ? coalesced(steps) : [...steps.entries()]).filter(
      ([, { type, previous, object }]) =>
        type !== 'MODIFIED' ||
        projection === undefined ||
        previous === undefined ||
        differs(previous, object, projection),
    );
    return wanted.map(([place, step]) => {
      const seen = projection === undefined ? step : { ...step, object: project(step.object, projection) };
      return { place, type: step.type, event: eventOf(seen, trigger) };
    });
  });
  return placed.sort((left, right) => left.place - right.place);
}

/** Of MODIFIED steps of one object with no other step of it between them the last, in its place. */
function coalesced(steps: readonly CompleteStep[]): readonly (readonly [place: number, step: CompleteStep])[] {
  const kept = new Map<number, CompleteStep>();
  const open = new Map<string, number>();
  for (const [place, step] of steps.entries()) {
    const before = open.get(step.uid);
    const earlier = before === undefined ? undefined : kept.get(before);
    if (before === undefined || earlier === undefined || step.type !== 'MODIFIED') kept.set(place, step);
    else {
      kept.delete(before);
      const generationChanged = earlier.generationChanged || step.generationChanged;
      kept.set(place, { ...step, generationChanged, previous: earlier.previous });
    }
    if (step.type === 'MODIFIED') open.set(step.uid, place);
    else open.delete(step.uid);
  }
  return [...kept];
}

function eventOf(step: CompleteStep, trigger: BoundTrigger): TriggerEvent {
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
