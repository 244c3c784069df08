/** Tables (meta.k8s.io Table): what `kubectl get` prints without knowing the kind. */
import type { JsonMap } from './json.ts';
import type { Kind } from './kinds/kind.ts';
import type { KubeObject } from './objects.ts';

export interface TableOptions {
  readonly version: string;
  /** `None`, `Metadata` or `Object`: what of the object each row carries. */
  readonly includeObject: string;
  readonly now: number;
  readonly metadata: JsonMap;
  /** Whether the column definitions are told; a watch tells them in its first event only. */
  readonly withHeader: boolean;
}

export function tableOf(kind: Kind, objects: readonly KubeObject[], options: TableOptions): JsonMap {
  const { columns } = kind;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: options.metadata,
    columnDefinitions: options.withHeader ? columns.map(({ cell: _cell, ...definition }) => definition) : [],
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, options.now)),
      ...rowObject(object, options),
    })),
  };
}

function rowObject(object: KubeObject, options: TableOptions): JsonMap {
  if (options.includeObject === 'None') return {};
  if (options.includeObject === 'Object') return { object };
  return {
    object: {
      kind: 'PartialObjectMetadata',
      apiVersion: `meta.k8s.io/${options.version}`,
      metadata: object.metadata,
    },
  };
}
