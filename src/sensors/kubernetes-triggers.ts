import type { WatchTarget } from '../kubernetes/index.ts';
import { canonicalJson, type JsonObject, type Rule } from '../model/index.ts';
import { type FieldPath, isMetadataOnly, readFieldPath } from './projection.ts';

export const RESOURCE_TRIGGER = 'kubernetes.resource';
export const THIRD_PARTY_TRIGGER = 'kubernetes.thirdpartyobject';

/** A trigger type with the parameters that at least one enabled rule binds. */
export interface BoundTrigger {
  readonly type: typeof RESOURCE_TRIGGER | typeof THIRD_PARTY_TRIGGER;
  /** As the rule writes them. */
  readonly parameters: JsonObject;
  /** Text that tells this trigger from all others. */
  readonly key: string;
  /** The fields its rules read; undefined: all. */
  readonly fields: readonly FieldPath[] | undefined;
  /** Whether of several waiting MODIFIED of one object the newest will do. */
  readonly coalesce: boolean;
}

/** A kind that the cluster defines by a ThirdPartyResource or a CustomResourceDefinition. */
export interface DefinedKind {
  readonly group: string;
  readonly apiVersion: string;
  readonly kind: string;
}

/** One watch to keep, and who wants its events. */
export interface WantedWatch {
  readonly target: WatchTarget;
  readonly triggers: readonly BoundTrigger[];
}

/** The distinct triggers that enabled rules bind: two rules with equal parameters share one, and so each event. */
export function boundTriggers(rules: Iterable<Rule>): readonly BoundTrigger[] {
  const found = new Map<string, BoundTrigger>();
  for (const { enabled, trigger } of rules) {
    if (!enabled || (trigger.type !== RESOURCE_TRIGGER && trigger.type !== THIRD_PARTY_TRIGGER)) continue;
    const key = `${trigger.type}|${canonicalJson(trigger.parameters)}`;
    if (!found.has(key)) found.set(key, boundTrigger(trigger.type, trigger.parameters, key));
  }
  return [...found.values()];
}

function boundTrigger(type: BoundTrigger['type'], parameters: JsonObject, key: string): BoundTrigger {
  if (type === THIRD_PARTY_TRIGGER) return { type, parameters, key, fields: undefined, coalesce: false };
  return { type, parameters, key, fields: fieldsOf(parameters), coalesce: parameters.coalesce === true };
}

/** Which watches these triggers need, by `targetKey`; several triggers on one target share its watch. */
export function wantedWatches(
  triggers: readonly BoundTrigger[],
  kinds: readonly DefinedKind[],
): ReadonlyMap<string, WantedWatch> {
  const wanted = new Map<string, { target: WatchTarget; triggers: BoundTrigger[] }>();
  for (const trigger of triggers) {
    for (const target of targetsOf(trigger, kinds)) {
      const key = targetKey(target);
      const watch = wanted.get(key) ?? { target, triggers: [] };
      watch.triggers.push(trigger);
      wanted.set(key, watch);
    }
  }
  return new Map(
    [...wanted].map(([key, { target, triggers: own }]) => [key, { target: narrowed(target, own), triggers: own }]),
  );
}

/** The metadata alone will do where no trigger reads anything else. */
function narrowed(target: WatchTarget, triggers: readonly BoundTrigger[]): WatchTarget {
  const isEnough = triggers.every(({ fields }) => fields !== undefined && isMetadataOnly(fields));
  return isEnough ? { ...target, metadataOnly: true } : target;
}

/** Whether a `kubernetes.thirdpartyobject` trigger means this kind: parameters left out mean any. */
export function meansKind(trigger: BoundTrigger, kind: DefinedKind): boolean {
  if (trigger.type !== THIRD_PARTY_TRIGGER) return false;
  const group = text(trigger.parameters.group);
  const name = text(trigger.parameters.kind);
  return (group === undefined || group === kind.group) && (name === undefined || name === kind.kind);
}

/** Why rules on this trigger never fire, if so. */
export function problemOf({ type, parameters }: BoundTrigger): string | undefined {
  if (type === THIRD_PARTY_TRIGGER) return undefined;
  if (text(parameters.apiVersion) === undefined || text(parameters.kind) === undefined)
    return 'it has no apiVersion or kind';
  const wrong = fieldTexts(parameters).find((path) => readFieldPath(path) === undefined);
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} in its fields is no path such as status.phase`;
}

/** Canonical text of what is watched; how much of each object is asked for makes no other target. */
export function targetKey(target: WatchTarget): string {
  const { apiVersion, kind, namespace = '', labelSelector = '', fieldSelector = '' } = target;
  return JSON.stringify([apiVersion, kind, namespace, labelSelector, fieldSelector]);
}

function targetsOf(trigger: BoundTrigger, kinds: readonly DefinedKind[]): readonly WatchTarget[] {
  if (trigger.type === THIRD_PARTY_TRIGGER) {
    return kinds.filter((kind) => meansKind(trigger, kind)).map(({ apiVersion, kind }) => ({ apiVersion, kind }));
  }
  const target = problemOf(trigger) === undefined ? resourceTarget(trigger.parameters) : undefined;
  return target === undefined ? [] : [target];
}

function resourceTarget(parameters: JsonObject): WatchTarget | undefined {
  const apiVersion = text(parameters.apiVersion);
  const kind = text(parameters.kind);
  if (apiVersion === undefined || kind === undefined) return undefined;
  const namespace = text(parameters.namespace);
  const labelSelector = text(parameters.labelSelector);
  const fieldSelector = text(parameters.fieldSelector);
  return {
    apiVersion,
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

function fieldsOf(parameters: JsonObject): readonly FieldPath[] | undefined {
  const paths = fieldTexts(parameters).flatMap((path) => [readFieldPath(path)].filter((found) => found !== undefined));
  return paths.length === 0 ? undefined : paths;
}

function fieldTexts({ fields }: JsonObject): readonly string[] {
  return Array.isArray(fields) ? fields.map(String) : [];
}

/** A parameter that is empty counts as left out. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
