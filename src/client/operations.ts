import { PetrelError } from '../model/index.ts';
import type { Operations } from './api-types.ts';

/** An operation as the OpenAPI document writes it, below the API's version: `GET /executions/{id}`. */
export type Operation = keyof Operations;

/** Operations that answer a list, page by page. */
export type Listing = {
  [O in Operation]: 'limit' extends Operations[O]['query']
    ? Operations[O]['answer'] extends readonly unknown[]
      ? O
      : never
    : never;
}[Operation];

/** Lists are written with commas between their items; what is undefined is left out. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;

type PathOf<O extends Operation> = [Operations[O]['path']] extends [never]
  ? { readonly path?: undefined }
  : { readonly path: Readonly<Record<Operations[O]['path'], string>> };

type BodyOf<O extends Operation> = undefined extends Operations[O]['body']
  ? { readonly body?: Operations[O]['body'] }
  : { readonly body: Operations[O]['body'] };

/** What an operation is asked with. */
export type Asked<O extends Operation> = PathOf<O> &
  BodyOf<O> & { readonly query?: { readonly [N in Operations[O]['query']]?: QueryValue } };

/** Nothing need be said where all of it may be left out. */
export type Arguments<O extends Operation> =
  Partial<Asked<O>> extends Asked<O> ? [asked?: Asked<O>] : [asked: Asked<O>];

/** The address below the API's version. Throws `PetrelError` (`invalid`) for a name that no path can hold. */
export function addressOf(
  template: string,
  path: Readonly<Record<string, string>> = {},
  query: Readonly<Record<string, QueryValue>> = {},
): string {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(name, path[name]));
  const search = searchOf(query);
  return search === '' ? filled : `${filled}?${search}`;
}

/** A name is one segment. One that the URL itself would take for a step up would ask for something else. */
function segment(name: string, value: string | undefined): string {
  if (value === undefined || value === '' || value === '.' || value === '..') {
    throw new PetrelError('invalid', `"${value ?? ''}" cannot be the ${name} of anything; name what is meant.`);
  }
  return encodeURIComponent(value);
}

export function searchOf(query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, typeof value === 'object' ? value.join(',') : String(value));
  }
  return search.toString();
}
