import { dictGet, isDict } from '../python/index.ts';
import { elementAt, findAll } from './find.ts';
import { parsePath } from './parse.ts';
import type { Path } from './syntax.ts';

/**
 * Paths into JSON data in the dialect of jsonpath-rw, the Python library that rule criteria (`trigger.body.commits[0].id`) and
 * the Jinja filter `jsonpath_query` are written for. It is not RFC 9535: names may hold dashes but not begin with a digit, there
 * are no filters (`[?(...)]`) and no steps in slices, a slice of what is no list is a list of one, and `|` binds tighter than the
 * dot. Paths only read: updating data is not here.
 */
export interface JsonPath {
  readonly source: string;
  /**
   * The matches, in order. Data are Python's values (src/expressions/python); plain JSON is. Throws `PetrelError` (`expression`)
   * where jsonpath-rw raises: an index into a number or an object, `parent` of the root, too many matches.
   */
  find(value: unknown): unknown[];
  /** The first match, undefined when there is none; throws as `find`. Plain paths (names and indexes) cost no allocation. */
  first(value: unknown): unknown;
}

const CACHE_SIZE = 500;
const cache = new Map<string, JsonPath>();

/** Parses a path. Throws `PetrelError` (`expression`) that names the position. */
export function compileJsonPath(source: string): JsonPath {
  let path = cache.get(source);
  if (path === undefined) {
    path = compile(source);
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(source, path);
  }
  return path;
}

function compile(source: string): JsonPath {
  const path = parsePath(source);
  const find = (value: unknown): unknown[] => findAll(source, path, value);
  const steps = plainSteps(path);
  const first =
    steps === undefined ? (value: unknown) => find(value)[0] : (value: unknown) => walk(source, steps, value);
  return { source, find, first };
}

/** Names and indexes of a path that can match one place at most. */
function plainSteps(path: Path): readonly (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  const parts = path.kind === 'chain' ? path.steps : [path];
  for (const [n, part] of parts.entries()) {
    const [name] = part.kind === 'fields' ? part.names : [];
    if (part.kind === 'fields' && part.names.length === 1 && name !== undefined) steps.push(name);
    else if (part.kind === 'index') steps.push(part.index);
    else if (part.kind !== 'root' || n > 0) return undefined;
  }
  return steps;
}

function walk(source: string, steps: readonly (string | number)[], root: unknown): unknown {
  let value = root;
  for (const step of steps) {
    if (typeof step === 'number') value = elementAt(source, value, step);
    else value = isDict(value) ? dictGet(value, step) : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}
