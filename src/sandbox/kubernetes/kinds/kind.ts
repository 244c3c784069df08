/** What the generic machinery needs to know of a kind to serve it; built-in kinds, CRDs and ThirdPartyResources all come as this. */
import type { Cause } from '../errors.ts';
import { type Json, stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { Schema } from '../schema/schema.ts';
import type { FieldReader } from '../selectors.ts';

/** One resource in one version. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  /** `v1` or `GROUP/VERSION`: what objects served here say. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Where its objects are stored: the same for all versions of a resource. */
  readonly storageKey: string;
  /** Whether discovery names it. A ThirdPartyResource's version with a slash would break clients there. */
  readonly listed: boolean;
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths;
  readonly schema?: Schema;
  /** Custom kinds are pruned and validated by their schema, know no strategic merge, and need a version to be replaced. */
  readonly custom: boolean;
  /** May be replaced without saying which version is meant, although it is custom: so it was with ThirdPartyResources. */
  readonly blindReplace?: boolean;
  readonly columns: readonly Column[];
  readonly readField: FieldReader;
  readonly hooks: KindHooks;
  /** What can be done with it; `VERBS` when not given. */
  readonly verbs?: readonly string[];
  /** Subresources beside status and scale; rest/ says what they do. */
  readonly subresources?: readonly Subresource[];
  /** Makes what this version shows from what another one of the resource stored; the same fields when not given. */
  readonly convert?: (other: KubeObject) => KubeObject;
  /** The protobuf message and type of Kubernetes' own kinds, e.g. `core.v1.Pod`. */
  readonly typeName?: string;
}

export interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  /** Where its own kind differs in group and version from the resource's, e.g. `policy/v1`. */
  readonly apiVersion?: string;
}

/** Paths below the object, e.g. `['spec', 'replicas']`. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly labelSelector?: readonly string[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown; greater ones only with `-o wide`. */
  readonly priority: number;
  readonly cell: (object: KubeObject, now: number) => Json;
}

/** What only one kind does. */
export interface KindHooks {
  /** Completes an object about to be stored, in place. `old` is undefined for a creation. */
  readonly prepare?: (object: KubeObject, old: KubeObject | undefined) => void;
  readonly validate?: (object: KubeObject, old: KubeObject | undefined) => Cause[];
  /** A finalizer that a deletion puts on first (the controller of the kind takes it off again). */
  readonly deletionFinalizer?: string;
  /** Called on an object that begins to be deleted but stays for its finalizers, in place. */
  readonly terminate?: (object: KubeObject) => void;
}

export const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

/** Selection by metadata.name and metadata.namespace, which every kind has, and by more fields where given. */
export function fieldReader(more: Readonly<Record<string, (object: KubeObject) => string>> = {}): FieldReader {
  return (field) => {
    if (field === 'metadata.name') return (object) => object.metadata.name;
    if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
    return Object.hasOwn(more, field) ? more[field] : undefined;
  };
}

/** Selection by nothing more than every kind has. */
export const plainFields: FieldReader = fieldReader();

/** Readers of string fields by their dotted paths. */
export function stringFields(...paths: readonly string[]): Readonly<Record<string, (object: KubeObject) => string>> {
  return Object.fromEntries(
    paths.map((path) => [path, (object: KubeObject) => stringAt(object, ...path.split('.')) ?? '']),
  );
}

export function groupVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The object as this kind's version shows it: the same in everything but its apiVersion and kind, unless the kind converts. */
export function viewed(kind: Kind, object: KubeObject): KubeObject {
  if (object.apiVersion === kind.apiVersion && object.kind === kind.kind) return object;
  return { ...(kind.convert?.(object) ?? object), apiVersion: kind.apiVersion, kind: kind.kind };
}
