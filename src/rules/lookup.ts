import { compileJsonPath } from '../expressions/index.ts';
import { PetrelError } from '../model/index.ts';
import { reasonOf } from './failure.ts';

/** Finds a criterion's value below the root object, null when there is none. */
export type Lookup = (root: Readonly<Record<string, unknown>>) => unknown;

/**
 * Stands for StackStorm's lazy datastore object, which is of no use on the left side of a criterion: it exists, and equals
 * nothing (stackstorm-rules.md, section 4).
 */
class DatastoreObject {}
const DATASTORE = new DatastoreObject();
const ADDRESSES_DATASTORE = /^\s*(?:\$\s*\.\s*)?(?:system|'system'|"system")\s*(?:$|[.[])/;

/**
 * Parses a criterion's key, once. From the first `#` on it is a remark, which lets two criteria address one field. A key that
 * does not parse throws when it is looked up: it fails its rule for each event, and stops nothing else.
 */
export function compileLookup(key: string): Lookup {
  const [path = ''] = key.split('#', 1);
  if (ADDRESSES_DATASTORE.test(path)) return () => DATASTORE;
  try {
    const compiled = compileJsonPath(path);
    return (root) => compiled.first(root) ?? null;
  } catch (error) {
    const reason = reasonOf(error);
    return () => {
      throw new PetrelError('expression', reason);
    };
  }
}
