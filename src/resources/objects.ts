import type { Jinja } from '../expressions/index.ts';
import { isJsonObject, type JsonObject, type Resource } from '../model/index.ts';
import type { KubernetesObject } from '../sdk/index.ts';
import { evaluateAll } from './templates.ts';

export const ABANDONED_ANNOTATION = 'petrel.dev/abandoned';

/** What Petrel sets so that an object cannot go before what it stands for. */
export function finalizerOf({ name }: Pick<Resource, 'name'>): string {
  return `petrel.dev/${name}`;
}

export function storedVersion({ group, versions }: Resource): string {
  return `${group}/${versions[0]?.name ?? 'v1'}`;
}

/**
 * The version an object was written in, which is that of whoever owns its spec. Without a conversion webhook the API server keeps
 * the fields as they were written and only renames the version.
 */
export function writtenVersion(resource: Resource, object: KubernetesObject): string {
  const { managedFields } = object.metadata;
  const owners = Array.isArray(managedFields) ? managedFields.filter(isJsonObject) : [];
  const ofSpec = owners
    .filter(({ fieldsV1, subresource }) => subresource === undefined && isJsonObject(fieldsV1) && 'f:spec' in fieldsV1)
    .sort((a, b) => String(a.time ?? '').localeCompare(String(b.time ?? '')))
    .at(-1);
  const version = ofSpec?.apiVersion;
  const isServed = resource.versions.some(({ name }) => version === `${resource.group}/${name}`);
  return isServed && typeof version === 'string' ? version : storedVersion(resource);
}

/** The spec in the form that handlers know. `content` says in which one it was written. */
export function desiredOf(jinja: Jinja, resource: Resource, content: JsonObject): JsonObject {
  const spec = isJsonObject(content.spec) ? content.spec : {};
  const version = resource.versions.find(({ name }) => content.apiVersion === `${resource.group}/${name}`);
  return version?.convert === undefined ? spec : evaluateAll(jinja, version.convert, { spec });
}

/** What handlers see and the store keeps of an object: all but status, in the version it was written in. */
export function contentOf({
  object,
  written,
}: {
  readonly object: KubernetesObject;
  readonly written: string;
}): JsonObject {
  const { status: _status, ...rest } = object;
  return { ...rest, apiVersion: written } as JsonObject; // it was parsed from JSON
}

export function nameOf({ metadata }: KubernetesObject): { uid: string; namespace: string; name: string } {
  return { uid: metadata.uid ?? '', namespace: metadata.namespace ?? '', name: metadata.name };
}
