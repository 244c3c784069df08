import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from '../call.ts';
import { isGone, PYTHON } from '../python.ts';
import { type PetrelProcess, startPetrelProcess } from './petrel-process.ts';

let directory: string;
let petrel: PetrelProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'petrel-py-crash-'));
});
afterEach(async () => {
  await petrel?.kill();
  rmSync(directory, { recursive: true, force: true });
});

const ACTION = `import os, subprocess, sys, time
class Long(object):
    def __init__(self, config=None, action_service=None):
        pass
    def run(self, file):
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
        session = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        with open(file + ".tmp", "w") as out:
            out.write("%d %d %d" % (os.getpid(), os.getppid(), session.pid))
        os.rename(file + ".tmp", file)
        time.sleep(60)
`;

describe.skipIf(PYTHON === undefined)('Python actions of a Petrel that is killed', () => {
  it('die with it, and all they have started', async () => {
    const pack = join(directory, 'packs', 'demo');
    mkdirSync(join(pack, 'actions'), { recursive: true });
    writeFileSync(join(pack, 'pack.yaml'), 'name: demo\ndescription: d\nversion: 1.0.0\nauthor: a\n');
    writeFileSync(join(pack, 'actions', 'long.py'), ACTION);
    writeFileSync(
      join(pack, 'actions', 'long.yaml'),
      'name: long\nrunner_type: python-script\nentry_point: long.py\nparameters: {file: {type: string}}\n',
    );
    const data = join(directory, 'data');
    petrel = await startPetrelProcess(['--data', data, '--packs', join(directory, 'packs'), '--python', PYTHON ?? '']);
    const token = readFileSync(join(data, 'admin.token'), 'utf8').trim();
    const file = join(directory, 'pids');
    await call({ url: petrel.url, token }, 'POST', '/executions', { action: 'demo.long', parameters: { file } });
    for (let attempt = 0; attempt < 1000 && !existsSync(file); attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const pids = readFileSync(file, 'utf8').split(' ').map(Number);
    expect(pids).toHaveLength(3);
    await petrel.kill();
    for (const pid of pids) expect(await isGone(pid)).toBe(true);
  });
});
