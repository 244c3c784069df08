import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createPythonHost, type PythonHost, type PythonSettings } from '../src/runners/python/index.ts';
import { realComponent } from './real.ts';

/** The Python that tests run packs with; undefined: there is none, and a line says so. */
export const PYTHON = realComponent('python', 'python3');

/** Whether it can translate Python 2: Python 3.13 has no lib2to3 any more, and Debian has it in a package of its own. */
export const TRANSLATES = PYTHON !== undefined && hasLib2to3(PYTHON);

function hasLib2to3(python: string): boolean {
  try {
    execFileSync(python, ['-W', 'ignore', '-c', 'import lib2to3.refactor'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('skipped: Python 2 in packs, because this Python has no lib2to3');
    return false;
  }
}

export const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A Python host with a data directory and one pack, `demo`, that a test writes. */
export interface PythonBench {
  readonly folder: string;
  readonly pack: string;
  readonly host: PythonHost;
  /** Writes a file of the pack; answers its path. */
  write(file: string, text: string): string;
  close(): Promise<void>;
}

export function openPythonBench(settings: Partial<PythonSettings> = {}): PythonBench {
  const folder = mkdtempSync(join(tmpdir(), 'petrel-py-'));
  const pack = join(folder, 'packs', 'demo');
  const host = createPythonHost({
    data: join(folder, 'data'),
    log: quiet,
    ...(PYTHON !== undefined && { python: PYTHON }),
    ...settings,
  });
  return {
    folder,
    pack,
    host,
    write(file, text) {
      const path = join(pack, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    async close() {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a process is gone, or goes within two seconds. */
export async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      if (/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
