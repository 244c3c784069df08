import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject, ObjectMeta } from '../sdk/index.ts';

/** The way to one field: `status.phase` is ['status', 'phase']. */
export type FieldPath = readonly string[];

/** Which parts of an object a rule reads. */
export interface Projection {
  readonly tree: FieldTree;
}

/** Fields by name; `all` where everything below is read. */
type FieldTree = ReadonlyMap<string, FieldTree | 'all'>;

const STEP = /\.?((?:[^.[\]\\'"]|\\.)+)|\[(?:'([^']*)'|"([^"]*)")\]/gy;

/**
 * Reads `spec.engine`, with `\.` or `['a.b']` for a name that holds a dot, as in `metadata.labels['app.kubernetes.io/name']`.
 * Undefined for what is no such path. Items of lists have none: a list is read as a whole.
 */
export function readFieldPath(text: string): FieldPath | undefined {
  const steps: string[] = [];
  let end = 0;
  for (const match of text.matchAll(STEP)) {
    steps.push(match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? match[3] ?? '');
    end = match.index + match[0].length;
  }
  return steps.length > 0 && end === text.length && !text.startsWith('.') ? steps : undefined;
}

/** A path that lies below another of them adds nothing. */
export function createProjection(paths: readonly FieldPath[]): Projection {
  const root = new Map<string, FieldTree | 'all'>();
  for (const path of paths) {
    let level = root;
    for (const [index, name] of path.entries()) {
      const below = level.get(name);
      if (below === 'all') break;
      const isLast = index === path.length - 1;
      const next = below instanceof Map && !isLast ? below : new Map<string, FieldTree | 'all'>();
      level.set(name, isLast ? 'all' : next);
      level = next;
    }
  }
  return { tree: root };
}

/** Whether all these fields are in what a metadata-only watch shows. */
export function isMetadataOnly(paths: readonly FieldPath[]): boolean {
  return paths.every(([first = '']) => first === 'metadata' || first === 'apiVersion' || first === 'kind');
}

/**
 * The object with these fields only, and what names it and its state: apiVersion, kind, and of the metadata name, namespace, uid,
 * resourceVersion, generation and deletionTimestamp. Without managedFields, which say who wrote a field and never what it holds.
 */
export function project(object: KubernetesObject, { tree }: Projection): KubernetesObject {
  const { metadata = {}, ...body } = pick(object, tree);
  const { managedFields: _managedFields, ...chosen } = metadata as Readonly<Record<string, unknown>>; // an object's metadata is an object
  return {
    ...body,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...identityOf(object.metadata), ...chosen },
  };
}

/** Whether any of these fields differs, or the deletion began. A new resourceVersion alone is no difference. */
export function differs(before: KubernetesObject, after: KubernetesObject, { tree }: Projection): boolean {
  const isDeleting = ({ metadata }: KubernetesObject) => metadata.deletionTimestamp !== undefined;
  return isDeleting(before) !== isDeleting(after) || !isDeepStrictEqual(content(before, tree), content(after, tree));
}

function content(object: KubernetesObject, tree: FieldTree): unknown {
  const { metadata, ...body } = pick(object, tree);
  if (metadata === undefined) return body;
  const { managedFields, resourceVersion, ...rest } = metadata as Readonly<Record<string, unknown>>; // as in `project`
  return { ...body, metadata: rest };
}

function pick(value: Readonly<Record<string, unknown>>, tree: FieldTree): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const [name, below] of tree) {
    const field = Object.hasOwn(value, name) ? value[name] : undefined;
    if (field === undefined) continue;
    if (below === 'all') picked[name] = field;
    else if (typeof field === 'object' && field !== null && !Array.isArray(field)) {
      picked[name] = pick(field as Readonly<Record<string, unknown>>, below); // a plain object, as checked
    }
  }
  return picked;
}

function identityOf(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, uid, resourceVersion, generation, deletionTimestamp } = metadata;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(generation === undefined ? {} : { generation }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  };
}
