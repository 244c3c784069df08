import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, type Problem } from '../../model/index.ts';
import { childEnvironment } from '../environment.ts';
import { runProcess } from '../process.ts';
import { PYTHON_HOME } from './fork-server.ts';
import { findInterpreter } from './interpreter.ts';
import type { PythonPack } from './pack-environment.ts';

/** Seconds. */
const TIMEOUT = 600;

/** Where a pack's Python lies; what else is there (tests, tools) never runs in Petrel. */
const FOLDERS = ['actions', 'sensors', 'lib'];

/**
 * What is to be said of a pack's Python files: which are Python 2 and will be translated, which cannot be, which are no Python. Nothing of the
 * pack is run. Where there is no Python here, that is the one complaint.
 */
export async function lintPython(pack: PythonPack, python = 'python3'): Promise<readonly Problem[]> {
  const files = FOLDERS.flatMap((folder) => pythonFiles(join(pack.path, folder)));
  if (files.length === 0) return [];
  try {
    const { path } = await findInterpreter(python);
    const outcome = await runProcess({
      command: path,
      args: ['-m', 'petrel_host.python2.lint'],
      cwd: PYTHON_HOME,
      environment: { ...childEnvironment(undefined, {}, String), PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' },
      input: JSON.stringify({
        files,
        paths: ['lib', 'actions/lib', 'actions', 'sensors'].map((folder) => join(pack.path, folder)),
      }),
      timeout: TIMEOUT,
      signal: new AbortController().signal,
      output: () => undefined,
    });
    if (outcome.exitCode !== 0) throw new Error(outcome.error ?? (outcome.stderr.trim() || outcome.ended));
    const found: Complaint[] = JSON.parse(outcome.stdout); // the host's own lint wrote it
    return found.map((complaint) => ({ ...complaint, pack: pack.ref }));
  } catch (error) {
    const message = `The Python of this pack could not be looked at: ${messageOf(error)}`;
    return [{ severity: 'warning', pack: pack.ref, file: join(pack.path, 'pack.yaml'), line: 1, column: 1, message }];
  }
}

type Complaint = Omit<Problem, 'pack'>;

function pythonFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.py'))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return []; // the pack has no such folder
  }
}
