import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '../environment.ts';
import { type ProcessOutcome, runProcess } from '../process.ts';
import { withInterpreter } from './host.ts';
import { type EnvironmentSettings, type PythonPack, preparePackEnvironment } from './pack-environment.ts';

export interface PackTestRequest {
  readonly pack: PythonPack;
  /** The data directory. */
  readonly data: string;
  readonly python?: string;
  readonly log: EnvironmentSettings['log'];
  readonly signal: AbortSignal;
  output(stream: 'stdout' | 'stderr', data: string): void;
}

/** Seconds. */
const TIMEOUT = 1800;

/**
 * Runs a pack's own Python tests (`tests/test_*.py`, with st2tests' base classes), found and imported as StackStorm's packs expect it
 * (python/petrel_host/pack_tests.py). Exit code 0: all passed. Undefined when there are none. Throws as `preparePackEnvironment`.
 */
export async function testPackPython(request: PackTestRequest): Promise<ProcessOutcome | undefined> {
  const { pack, data, log, signal } = request;
  const tests = join(pack.path, 'tests');
  const isFolder = await stat(tests).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder) return undefined;
  const { python, directory } = await preparePackEnvironment(pack, {
    directory: join(data, 'virtualenvs'),
    forTests: true,
    log,
    ...(request.python !== undefined && { python: request.python }),
  });
  const folders = ['actions', 'actions/lib', 'sensors', 'lib', 'etc', 'tests', ''];
  const paths = folders.map((folder) => join(pack.path, folder));
  return await runProcess({
    command: python,
    args: ['-m', 'petrel_host.pack_tests', tests],
    cwd: pack.path,
    environment: withInterpreter(
      childEnvironment(undefined, {}, String),
      paths,
      join(data, 'cache', 'python'),
      directory,
    ),
    timeout: TIMEOUT,
    signal,
    output: (stream, text) => request.output(stream, text),
  });
}
