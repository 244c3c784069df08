/** A short hand for the kinds every cluster has. */
import { isMap, type Json, listAt, mapAt, setAt, stringAt, valueAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { type Column, groupVersion, type Kind, type KindHooks, plainFields } from './kind.ts';
import { schemaOf } from './schemas/types.ts';

type Given = Pick<Kind, 'kind' | 'plural'> &
  Partial<Omit<Kind, 'kind' | 'plural' | 'columns'>> & {
    /** Between name and age; see `wide` for those after the age. */
    readonly columns?: readonly Column[];
    /** After the age, shown with `-o wide` only. */
    readonly wide?: readonly Column[];
    /** Instead of name, columns, age. */
    readonly allColumns?: readonly Column[];
  };

/** `rbac.authorization.k8s.io` and `v1` are package `rbac.v1` in Kubernetes' own sources. */
export function packageOf(group: string, version: string): string {
  return `${group === '' ? 'core' : (group.split('.')[0] ?? group)}.${version}`;
}

/** A kind of a group, with its schema from Kubernetes' own types unless one is given. */
export function builtIn(group: string, version: string, given: Given): Kind {
  const { columns = [], wide = [], allColumns, ...rest } = given;
  const typeName = `${packageOf(group, version)}.${given.kind}`;
  return {
    group,
    version,
    apiVersion: groupVersion(group, version),
    listKind: `${given.kind}List`,
    singular: given.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    storageKey: `${group}/${given.plural}`,
    listed: true,
    hasStatus: false,
    custom: false,
    readField: plainFields,
    hooks: {},
    ...(given.schema === undefined ? { schema: schemaOf(typeName), typeName } : {}),
    ...rest,
    columns: allColumns ?? [nameColumn, ...columns, ageColumn, ...wide.map((one) => ({ ...one, priority: 1 }))],
  };
}

export const textColumn = (name: string, path: string, missing = '<none>', priority = 0): Column =>
  column(name, 'string', (object) => textAt(object, path) || missing, priority);

export const numberColumn = (name: string, path: string): Column =>
  column(name, 'integer', (object) => numberAt(object, path));

export const cellColumn = (name: string, cell: (object: KubeObject, now: number) => Json, type = 'string'): Column =>
  column(name, type, cell);

/** The time of creation as it is, where the real server prints no age. */
export const createdAt: Column = column('Created At', 'date', (object) => object.metadata.creationTimestamp ?? null);

export function textAt(object: Json | undefined, path: string): string {
  return stringAt(object, ...path.split('.')) ?? '';
}

export function numberAt(object: Json | undefined, path: string): number {
  const value = valueAt(object, ...path.split('.'));
  return typeof value === 'number' ? value : 0;
}

/** Fills fields that are missing; a path is written with dots. */
export function fill(target: Json | undefined, ...fields: readonly (readonly [path: string, value: Json])[]): void {
  if (!isMap(target)) return;
  for (const [path, value] of fields) {
    const keys = path.split('.');
    if (valueAt(target, ...keys) === undefined) setAt(target, keys, value);
  }
}

export const filling =
  (...fields: readonly (readonly [path: string, value: Json])[]): NonNullable<KindHooks['prepare']> =>
  (object) =>
    fill(object, ...fields);

/** `a=1,b=2`; `<none>` for no labels. */
export function printLabels(labels: Json | undefined): string {
  const pairs = isMap(labels) ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`) : [];
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

const OPERATORS: Readonly<Record<string, string>> = { In: 'in', NotIn: 'notin' };

/** A LabelSelector as kubectl takes it: `app=web,tier in (a,b),!old`. */
export function printSelector(selector: Json | undefined): string {
  const labels = mapAt(selector, 'matchLabels');
  const parts = labels === undefined || Object.keys(labels).length === 0 ? [] : printLabels(labels).split(',');
  for (const one of listAt(selector, 'matchExpressions')) {
    const key = stringAt(one, 'key') ?? '';
    const operator = stringAt(one, 'operator') ?? '';
    const values = [...listAt(one, 'values').map(String)].sort().join(',');
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${OPERATORS[operator] ?? operator} (${values})`);
  }
  return parts.length === 0 ? '<none>' : parts.sort().join(',');
}

const containersOf = (path: string) => (object: KubeObject) => listAt(object, ...path.split('.'), 'containers');

/** Containers and images of a pod template, as the wide tables of workloads show them. */
export function templateColumns(path = 'spec.template.spec'): readonly Column[] {
  const containers = containersOf(path);
  const join = (key: string) => (object: KubeObject) =>
    containers(object)
      .map((one) => stringAt(one, key) ?? '')
      .join(',');
  return [cellColumn('Containers', join('name')), cellColumn('Images', join('image'))];
}

/** A kind that is only ever a request's body. */
export function typedKind(group: string, version: string, kind: string): Kind {
  return builtIn(group, version, { kind, plural: `${kind.toLowerCase()}s` });
}
