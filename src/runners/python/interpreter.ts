import { PetrelError } from '../../model/index.ts';
import { childEnvironment } from '../environment.ts';
import { runProcess } from '../process.ts';

export interface Interpreter {
  /** The executable itself, where `command` may be a link or a shim. */
  readonly path: string;
  /** E.g. `3.11.2`. */
  readonly version: string;
}

const OLDEST = [3, 8] as const;

const QUESTION =
  'import os, sys; print(sys.executable or os.path.realpath("/proc/self/exe")); print(".".join(map(str, sys.version_info[:3])))';

/** Asks a Python for itself. Throws `PetrelError` (`unavailable`): it is not there, or too old, and what to do about it. */
export async function findInterpreter(command: string): Promise<Interpreter> {
  const outcome = await runProcess({
    command,
    args: ['-c', QUESTION],
    environment: childEnvironment(undefined, {}, String),
    timeout: 30,
    signal: new AbortController().signal,
    output: () => undefined,
  });
  const remedy =
    'Install Python 3.8 or later (Debian and Ubuntu: apt-get install python3 python3-venv), or name another one with PETREL_PYTHON=PATH.';
  if (outcome.ended !== 'exited' || outcome.exitCode !== 0) {
    const why = outcome.error ?? lastLine(outcome.stderr) ?? `it ended with exit code ${outcome.exitCode}`;
    throw new PetrelError(
      'unavailable',
      `The Python of packs cannot be run, because "${command}" does not work: ${why}. ${remedy}`,
    );
  }
  const [path = command, version = ''] = outcome.stdout.split('\n').map((line) => line.trim());
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new PetrelError('unavailable', `"${command}" is Python ${version}, which is too old. ${remedy}`);
  }
  return { path, version };
}

export function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
