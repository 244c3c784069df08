import { dictEntries, dictGet, dictSize, isDict, sequenceItems } from '../python/index.ts';
import { lookupError } from './errors.ts';
import type { Path } from './syntax.ts';

/** A value and the way it was reached, which `parent` and `$` go back. */
interface Place {
  readonly value: unknown;
  readonly parent: Place | undefined;
}

/** Places that one search may visit; `..` and `*` on large data would else multiply without end. */
const MAX_PLACES = 1_000_000;
/** Depth to which `..` follows. */
const MAX_DEPTH = 1000;

/** Evaluates a path, in the order of jsonpath-rw: `..` takes a place before what is below it. */
export function findAll(source: string, path: Path, value: unknown): unknown[] {
  const search = new Search(source);
  return search.find(path, { value, parent: undefined }).map((place) => place.value);
}

class Search {
  readonly #source: string;
  #visited = 0;

  constructor(source: string) {
    this.#source = source;
  }

  #child(value: unknown, parent: Place): Place {
    this.#visited += 1;
    if (this.#visited > MAX_PLACES) throw lookupError(this.#source, `it reaches more than ${MAX_PLACES} places`);
    return { value, parent };
  }

  find(path: Path, place: Place): Place[] {
    switch (path.kind) {
      case 'root': {
        let root = place;
        while (root.parent !== undefined) root = root.parent;
        return [root];
      }
      case 'this':
        return [place];
      case 'parent':
        if (place.parent === undefined) throw lookupError(this.#source, 'the root has no parent');
        return [place.parent];
      case 'fields':
        return this.#fields(path.names, place);
      case 'every-field': {
        const { value } = place;
        if (!isDict(value)) return [];
        return Array.from(dictEntries(value), ([, child]) => this.#child(child, place));
      }
      case 'index':
        return this.#index(path.index, place);
      case 'slice':
        return this.#slice(path.start, path.end, place);
      case 'chain': {
        let places = [place];
        for (const step of path.steps) places = places.flatMap((each) => this.find(step, each));
        return places;
      }
      case 'descendants': {
        const found: Place[] = [];
        for (const each of this.find(path.left, place)) this.#descend(path.right, each, found, 0);
        return found;
      }
      case 'where':
        return this.find(path.left, place).filter((each) => this.find(path.right, each).length > 0);
      case 'union':
        return [...this.find(path.left, place), ...this.find(path.right, place)];
    }
  }

  #fields(names: readonly string[], place: Place): Place[] {
    const { value } = place;
    if (!isDict(value)) return [];
    const found: Place[] = [];
    for (const name of names) {
      const child = dictGet(value, name);
      if (child !== undefined) found.push(this.#child(child, place));
    }
    return found;
  }

  #index(index: number, place: Place): Place[] {
    const child = elementAt(this.#source, place.value, index);
    return child === undefined ? [] : [this.#child(child, place)];
  }

  #slice(start: number | undefined, end: number | undefined, place: Place): Place[] {
    const { value } = place;
    // As jsonpath-rw: what is no list counts as a list of one.
    const items = sequenceItems(value) ?? (value === null || value === undefined ? undefined : [value]);
    if (items === undefined) throw lookupError(this.#source, 'null has no elements');
    return items.slice(start, end).map((child) => this.#child(child, place));
  }

  #descend(path: Path, place: Place, found: Place[], depth: number): void {
    if (depth > MAX_DEPTH) throw lookupError(this.#source, `the data is nested more than ${MAX_DEPTH} deep`);
    for (const match of this.find(path, place)) found.push(match);
    const { value } = place;
    if (Array.isArray(value)) {
      for (const child of value) this.#descend(path, this.#child(child, place), found, depth + 1);
    } else if (isDict(value)) {
      for (const [, child] of dictEntries(value)) this.#descend(path, this.#child(child, place), found, depth + 1);
    }
  }
}

/**
 * `value[index]`: an element of a list or a character of a text; undefined when there are not so many. Where Python raises (a
 * number, a dict that is not empty, a negative index before the first element) this throws `PetrelError`.
 */
export function elementAt(source: string, value: unknown, index: number): unknown {
  const items = sequenceItems(value) ?? (typeof value === 'string' ? Array.from(value) : undefined);
  if (items !== undefined) {
    if (items.length === 0 || index >= items.length) return undefined;
    if (index < -items.length) throw lookupError(source, `the list has no element [${index}]`);
    return items.at(index);
  }
  if (isEmpty(value)) return undefined;
  const size = isDict(value) ? dictSize(value) : undefined;
  if (size !== undefined && size <= index) return undefined;
  throw lookupError(
    source,
    `[${index}] needs a list, and what is there is ${size === undefined ? 'a number or a truth value' : 'an object'}`,
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === false || value === 0;
}
