/** What every request handler and controller works with. */
import { type GroupResource, StatusError } from './errors.ts';
import type { Kind } from './kinds/kind.ts';
import type { Registry } from './registry.ts';
import type { Storage } from './storage.ts';

export interface Api {
  readonly storage: Storage;
  readonly registry: Registry;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Who writes and how: from the query and headers of a request. */
export interface WriteOptions {
  readonly manager: string;
  /** Everything is done but storing (`dryRun=All`). */
  readonly dryRun: boolean;
  /** What to do about fields the schema does not know. */
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  /** Told once for each unknown field with `Warn`. */
  readonly warn: (message: string) => void;
}

/** How the sandbox itself writes. */
export const internalWrite: WriteOptions = {
  manager: 'kube-controller-manager',
  dryRun: false,
  fieldValidation: 'Ignore',
  warn: () => {},
};

export function resourceOf(kind: Kind): GroupResource {
  return { group: kind.group, plural: kind.plural };
}

/** Reads a resourceVersion. Throws 400 for what is no version. `undefined` when absent or empty. */
export function parseVersion(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) {
    throw new StatusError(
      400,
      'BadRequest',
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}
