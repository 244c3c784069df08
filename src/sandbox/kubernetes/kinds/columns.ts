/** Columns of `kubectl get`: how objects look in a table. */

import { isMap, type Json, listAt, stringAt } from '../json.ts';
import { compileJsonPath } from '../json-path.ts';
import type { KubeObject } from '../objects.ts';
import type { Column } from './kind.ts';

export function column(name: string, type: string, cell: Column['cell'], priority = 0): Column {
  return { name, type, format: '', description: '', priority, cell };
}

export const nameColumn: Column = {
  ...column('Name', 'string', (object) => object.metadata.name),
  format: 'name',
  description: 'Name must be unique within a namespace.',
};

export const ageColumn: Column = {
  ...column('Age', 'string', (object, now) => age(object.metadata.creationTimestamp, now)),
  description: 'CreationTimestamp is the time when this object was created.',
};

/** `<unknown>` for what is no time; else as short as kubectl says it. */
export function age(time: Json | undefined, now: number): string {
  const then = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now - then);
}

/** As `k8s.io/apimachinery/pkg/util/duration.HumanDuration`: two units where they matter, one where they do not. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
  const minutes = Math.trunc(seconds / 60);
  const hours = Math.trunc(minutes / 60);
  const days = Math.trunc(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return two(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

/** The columns a CRD's version declares (`additionalPrinterColumns`); the age alone when it declares none. */
export function declaredColumns(declared: readonly Json[]): readonly Column[] {
  const columns = declared.flatMap((one) => {
    const name = stringAt(one, 'name');
    const find = compileJsonPath(stringAt(one, 'jsonPath') ?? '');
    if (name === undefined || find === undefined) return [];
    const type = stringAt(one, 'type') ?? 'string';
    const priority = isMap(one) && typeof one.priority === 'number' ? one.priority : 0;
    const cell = (object: KubeObject, now: number): Json => cellOf(find(object), type, now);
    const made = column(name, type, cell, priority);
    return [{ ...made, format: stringAt(one, 'format') ?? '', description: stringAt(one, 'description') ?? '' }];
  });
  return [nameColumn, ...(columns.length === 0 ? [ageColumn] : columns)];
}

function cellOf(found: readonly Json[], type: string, now: number): Json {
  const [first] = found;
  if (type === 'date') return first === undefined ? null : age(first, now);
  if (first === undefined) return null;
  if (found.length > 1) return found.map(asText).join(',');
  if (type === 'integer' || type === 'number') return typeof first === 'number' ? first : null;
  if (type === 'boolean') return typeof first === 'boolean' ? first : null;
  return asText(first);
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export const count = (path: readonly string[]) => (object: KubeObject) => listAt(object, ...path).length;
