import { resolve } from 'node:path';
import { messageOf, PetrelError } from '../model/index.ts';
import type { Registry } from '../packs/index.ts';
import { createPythonHost, type PythonHost } from '../runners/index.ts';
import type { Logger } from '../sdk/index.ts';

export interface PythonSettings {
  /** Default `python3`. */
  readonly command?: string;
  /** Megabytes of data that one process may hold; 0: no limit. Default 2,048. */
  readonly memory?: number;
  /** Whether actions can import from their pack's `lib/`, as StackStorm's enable_common_libs. Default: yes. */
  readonly commonLibs?: boolean;
}

/** The processes of Python, none of which is started yet. Throws `PetrelError` (`invalid`) for a limit that is none. */
export function openPython(data: string, settings: PythonSettings = {}, log: Logger): PythonHost {
  const { command, memory, commonLibs } = settings;
  if (memory !== undefined && !(memory >= 0 && Number.isFinite(memory))) {
    throw new PetrelError(
      'invalid',
      `The memory limit of Python must be a number of megabytes, 0 or more, not ${memory}.`,
    );
  }
  return createPythonHost({
    data: resolve(data),
    log,
    ...(command !== undefined && { python: command }),
    ...(memory !== undefined && { memory }),
    ...(commonLibs !== undefined && { commonLibs }),
  });
}

/** What packs bring in Python fails when it is asked for; that there is none is better known before. */
export function warnWithoutPython(registry: Registry, python: PythonHost, log: Logger): void {
  const { actions, sensors } = registry.snapshot();
  const files = [...actions.values(), ...sensors.values()].map(({ entryPath }) => entryPath);
  if (!files.some((file) => file.endsWith('.py'))) return;
  python.check().catch((error: unknown) => log.warn(messageOf(error)));
}
