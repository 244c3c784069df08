import { PetrelError } from '../model/index.ts';
import type { KubernetesObject } from '../sdk/index.ts';

interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface ListPage {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
  /** Token for the next page; absent on the last one. */
  readonly continue?: string;
}

/** One line of a watch. */
export type WatchLine =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubernetesObject }
  /** `endsList`: of a streamed list, all that existed was sent. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly endsList: boolean }
  | { readonly type: 'ERROR'; readonly status: unknown };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks what every object has; apiVersion and kind, which list items lack, are filled in from what was asked for, as they are where
 * the server sent the metadata only and calls it PartialObjectMetadata.
 */
export function asObject(value: unknown, asked: KindName): KubernetesObject {
  const object = fieldsOf(value);
  const metadata = fieldsOf(object?.metadata);
  if (object === undefined || metadata === undefined || typeof metadata.name !== 'string') {
    throw new PetrelError('kubernetes', `The Kubernetes API server answered with something that is no ${asked.kind}.`);
  }
  if (
    typeof object.apiVersion === 'string' &&
    typeof object.kind === 'string' &&
    object.kind !== 'PartialObjectMetadata'
  )
    return value as KubernetesObject; // its required fields were checked
  return {
    ...object,
    apiVersion: asked.apiVersion,
    kind: asked.kind,
    metadata: metadata as KubernetesObject['metadata'],
  }; // name was checked
}

export function asList(value: unknown, asked: KindName): ListPage {
  const list = fieldsOf(value);
  const metadata = fieldsOf(list?.metadata);
  // Go writes an empty list as null.
  const items = list?.items ?? [];
  if (list === undefined || metadata === undefined || !Array.isArray(items)) {
    throw new PetrelError(
      'kubernetes',
      `The Kubernetes API server answered with something that is no list of ${asked.kind}.`,
    );
  }
  const next = metadata.continue;
  return {
    items: items.map((item: unknown) => asObject(item, asked)),
    resourceVersion: typeof metadata.resourceVersion === 'string' ? metadata.resourceVersion : '',
    ...(typeof next === 'string' && next !== '' ? { continue: next } : {}),
  };
}

/** Throws `kubernetes` for anything that is no watch event. */
export function asWatchLine(value: unknown, asked: KindName): WatchLine {
  const line = fieldsOf(value);
  const object = fieldsOf(line?.object);
  const metadata = fieldsOf(object?.metadata);
  const resourceVersion = metadata?.resourceVersion;
  switch (line?.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (typeof resourceVersion !== 'string') break;
      return { type: line.type, object: asObject(object, asked) };
    case 'BOOKMARK':
      if (typeof resourceVersion !== 'string') break;
      return {
        type: 'BOOKMARK',
        resourceVersion,
        endsList: fieldsOf(metadata?.annotations)?.['k8s.io/initial-events-end'] === 'true',
      };
    case 'ERROR':
      return { type: 'ERROR', status: object };
  }
  throw new PetrelError(
    'kubernetes',
    `The Kubernetes API server sent something that is no watch event of ${asked.kind}.`,
  );
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined; // a plain object
}
