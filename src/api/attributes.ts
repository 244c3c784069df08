import { isJsonObject, type JsonObject, PetrelError } from '../model/index.ts';

export interface AttributeQuery {
  readonly include_attributes?: string | undefined;
  readonly exclude_attributes?: string | undefined;
}

/** Which attributes of an object are wanted. */
export interface Attributes {
  /** Whether anything of a top level attribute is wanted, so that what is costly need not be fetched. */
  wants(name: string): boolean;
  choose(item: JsonObject): JsonObject;
}

/** Throws `PetrelError` (`invalid`) for a query that includes and excludes, and for names that may not be excluded. */
export function attributesOf(query: AttributeQuery, excludable?: readonly string[]): Attributes {
  const { include_attributes, exclude_attributes } = query;
  if (include_attributes !== undefined && exclude_attributes !== undefined) {
    throw new PetrelError('invalid', 'exclude_attributes and include_attributes are mutually exclusive.');
  }
  if (include_attributes !== undefined) {
    const paths = pathsOf(include_attributes);
    if (paths.length === 0) return EVERYTHING;
    const wanted = [['id'], ...paths];
    return {
      wants: (name) => wanted.some(([first]) => first === name),
      choose: (item) => only(item, wanted),
    };
  }
  if (exclude_attributes !== undefined) {
    const paths = pathsOf(exclude_attributes);
    const refused = paths
      .map((path) => path.join('.'))
      .find((name) => excludable !== undefined && !excludable.includes(name));
    if (refused !== undefined) {
      throw new PetrelError(
        'invalid',
        `Invalid or unsupported exclude attribute specified: "${refused}". These can be left out: ${excludable?.join(', ')}.`,
      );
    }
    return {
      wants: (name) => !paths.some((path) => path.length === 1 && path[0] === name),
      choose: (item) => without(item, paths),
    };
  }
  return EVERYTHING;
}

const EVERYTHING: Attributes = { wants: () => true, choose: (item) => item };

type Path = readonly string[];

function pathsOf(text: string): readonly Path[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => name.split('.'));
}

function only(item: JsonObject, paths: readonly Path[]): JsonObject {
  const chosen = Object.entries(item).flatMap(([name, value]) => {
    const below = paths.filter(([first]) => first === name).map((path) => path.slice(1));
    if (below.length === 0) return [];
    if (below.some((path) => path.length === 0) || !isJsonObject(value)) {
      return below.some((path) => path.length === 0) ? [[name, value] as const] : [];
    }
    return [[name, only(value, below)] as const];
  });
  return Object.fromEntries(chosen);
}

function without(item: JsonObject, paths: readonly Path[]): JsonObject {
  const left = Object.entries(item).flatMap(([name, value]) => {
    const below = paths.filter(([first]) => first === name).map((path) => path.slice(1));
    if (below.some((path) => path.length === 0)) return [];
    return [[name, below.length > 0 && isJsonObject(value) ? without(value, below) : value] as const];
  });
  return Object.fromEntries(left);
}
