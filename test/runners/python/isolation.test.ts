import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { type PythonSettings, pythonScript } from '../../../src/runners/python/index.ts';
import { isGone, openPythonBench, PYTHON, type PythonBench } from '../../python.ts';
import { type HarnessOptions, harness } from '../harness.ts';

const HEAD = 'import os, signal, subprocess, sys, time\nfrom st2common.runners.base_action import Action\n';
const IGNORING = 'signal.signal(signal.SIGTERM, signal.SIG_IGN)';

let bench: PythonBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

/** Starts the body of a method `run(self, **parameters)` as an action of pack `demo`. */
function start(body: string, options: HarnessOptions = {}, settings: Partial<PythonSettings> = {}, grace = 300) {
  bench ??= openPythonBench(settings);
  const { host, pack, write } = bench;
  const lines = body.split('\n').map((line) => `        ${line}`);
  const entryPath = write(
    `actions/a${Math.random().toString(36).slice(2)}.py`,
    `${HEAD}COUNT = [0]\nclass Subject(Action):\n    def run(self, **parameters):\n${lines.join('\n')}\n`,
  );
  const subject = harness({ entryPath, ...options });
  const runner = pythonScript({ python: host, packFolder: () => pack, grace });
  const ended = runner.run(subject.run).then(({ status, result }) => ({ status, result: result as JsonObject }));
  return { ended, subject, runner, host };
}

/** Waits until the run has printed a line of process ids, and answers them. */
async function printedPids(subject: ReturnType<typeof harness>): Promise<number[]> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const line = /^pids (.*)\n/m.exec(subject.streamed('stdout'))?.[1];
    if (line !== undefined) return line.split(' ').map(Number);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no pids were printed: ${subject.streamed('stdout')} ${subject.streamed('stderr')}`);
}

const FAMILY = `${IGNORING}
code = "import signal, time; ${IGNORING}; time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", code])
session = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
daemon = subprocess.check_output([sys.executable, "-c", "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', sys.argv[1]], start_new_session=True, stdout=subprocess.DEVNULL).pid)", code], text=True)
print("pids", os.getpid(), os.getppid(), child.pid, session.pid, daemon.strip())
time.sleep(60)`;

describe.skipIf(PYTHON === undefined)('runs in one fork server', () => {
  it('do not see what another left in globals, modules, environment or working directory', async () => {
    const body = `import json, tempfile
seen = [COUNT[0], hasattr(json, "stain"), os.environ.get("STAIN"), os.getcwd(), sys.argv, len(sys.path)]
COUNT[0] += 1
json.stain = True
sys.modules["stain"] = json
sys.path.insert(0, "/stain")
os.environ["STAIN"] = "x"
os.chdir("/tmp")
return seen + ["stain" in sys.modules and COUNT[0] > 1]`;
    const { ended, runner, subject, host } = start(body);
    const first = await ended;
    const second = await runner.run(subject.run);
    expect((second.result as JsonObject).result).toEqual(first.result.result);
    expect((first.result.result as unknown[]).slice(0, 3)).toEqual([0, false, null]);
    expect(host.servers()).toHaveLength(1);
  });

  it('draw other random numbers, each', async () => {
    const { ended, runner, subject } = start('import random, uuid\nreturn [random.random(), str(uuid.uuid4())]');
    const [one, other] = [(await ended).result.result, ((await runner.run(subject.run)).result as JsonObject).result];
    expect((one as unknown[])[0]).not.toBe((other as unknown[])[0]);
    expect((one as unknown[])[1]).not.toBe((other as unknown[])[1]);
  });

  it('may use processes of their own, forked or spawned', async () => {
    const { ended } = start(
      'import multiprocessing\nreturn [multiprocessing.get_context(how).Pool(2).map(abs, [-1, -2]) for how in ("fork", "spawn")]',
    );
    expect((await ended).result).toMatchObject({
      result: [
        [1, 2],
        [1, 2],
      ],
    });
  });

  it('have processes of their own, all forked from one server, fifty at a time', async () => {
    const { ended, runner, subject, host } = start('time.sleep(0.2)\nreturn os.getpid()');
    const another = () => runner.run({ ...subject.run, signal: new AbortController().signal });
    const others = Array.from({ length: 49 }, another);
    const all = await Promise.all([ended, ...others]);
    const pids = new Set(all.map(({ result }) => (result as JsonObject).result));
    expect(pids.size).toBe(50);
    expect(host.servers()).toHaveLength(1);
  });

  it('end as an interpreter does: threads are waited for, exit functions run', async () => {
    const { ended } = start(
      'import atexit, threading\natexit.register(lambda: print("exit"))\nthreading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()\nreturn 1',
    );
    expect((await ended).result).toMatchObject({ result: 1, stdout: 'thread\nexit\n' });
  });
});

describe.skipIf(PYTHON === undefined)('a run dies', () => {
  it('with its time limit: itself, children, and what made sessions of its own, SIGTERM ignored or not', async () => {
    const { ended, subject } = start(FAMILY, { runnerParameters: { timeout: 1 } });
    const pids = await printedPids(subject);
    const { status, result } = await ended;
    expect(status).toBe('timeout');
    expect(result).toMatchObject({
      result: 'None',
      exit_code: -9,
      error: 'Action failed to complete in 1 seconds',
      stdout: `pids ${pids.join(' ')}\n`,
    });
    expect(pids).toHaveLength(5);
    for (const pid of pids) expect(await isGone(pid)).toBe(true);
  });

  it('with its cancellation, all of it', async () => {
    const { ended, subject } = start(FAMILY);
    const pids = await printedPids(subject);
    subject.controller.abort();
    expect(await ended).toMatchObject({ status: 'canceled', result: { error: 'The action was canceled.' } });
    for (const pid of pids) expect(await isGone(pid)).toBe(true);
  });

  it('with Petrel, all of it', async () => {
    const { ended, subject, host } = start(FAMILY);
    const pids = await printedPids(subject);
    await host.close();
    expect((await ended).status).toBe('failed');
    for (const pid of pids) expect(await isGone(pid)).toBe(true);
  });

  it('at once when it was canceled before it began', async () => {
    const controller = new AbortController();
    controller.abort();
    const subject = start('return 1');
    await subject.ended;
    const run = { ...subject.subject.run, signal: controller.signal };
    expect((await subject.runner.run(run)).status).toBe('canceled');
  });

  it('politely when it heeds SIGTERM, with what it printed', async () => {
    const body =
      'def stop(number, frame):\n    print("cleaned up")\n    sys.exit(0)\nsignal.signal(signal.SIGTERM, stop)\nprint("pids", os.getpid())\nsys.stdout.flush()\ntime.sleep(60)';
    const { ended, subject } = start(body, {}, {}, 20_000);
    await printedPids(subject);
    subject.controller.abort();
    const { status, result } = await ended;
    expect(status).toBe('canceled');
    expect(result.stdout).toMatch(/cleaned up\n$/);
  });

  it('alone when it ends by itself: what it leaves running is left alone, as with shell actions', async () => {
    const { ended } = start('return subprocess.Popen(["sleep", "20"]).pid');
    const { status, result } = await ended;
    expect(status).toBe('succeeded');
    process.kill(Number(result.result), 'SIGKILL');
  });
});

describe.skipIf(PYTHON === undefined)('a run that ends badly says how', () => {
  it.each([
    ['os.kill(os.getpid(), signal.SIGSEGV)', -11, 'The action was ended by SIGSEGV (signal 11).'],
    ['os.kill(os.getpid(), signal.SIGTERM)', -15, 'The action was ended by SIGTERM (signal 15).'],
    [
      'os.kill(os.getpid(), signal.SIGKILL)',
      -9,
      'The action was ended by SIGKILL (signal 9). When nobody sent it, the machine was out of memory.',
    ],
    [
      'os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(30)',
      -9,
      'The process that watches over the action was killed, and the action with it.',
    ],
  ])('%s', async (body, code, error) => {
    const { status, result } = await start(body).ended;
    expect(status).toBe('failed');
    expect(result).toMatchObject({ result: 'None', exit_code: code, error });
  });

  it.each([
    ['all at once', 'blocks = [bytearray(3 << 30)]'],
    ['bit by bit', 'blocks = []\nwhile True:\n    blocks.append(bytearray(16 << 20))'],
  ])('a leak of more than 2 GB, %s', async (_, body) => {
    const { status, result } = await start(body).ended;
    expect(status).toBe('failed');
    expect(result.error).toBe('The action needed more memory than its limit of 2048 MB (PETREL_PYTHON_MEMORY).');
    expect(result.stderr).toMatch(/MemoryError/);
  });

  it('with another limit', async () => {
    const { ended } = start('len(bytearray(300 << 20))', {}, { memory: 256 });
    expect((await ended).result.error).toMatch(/its limit of 256 MB/);
  });

  it('when it writes on the connection of Petrel', async () => {
    const { ended } = start(
      'import socket\nfor fd in range(3, 20):\n    try:\n        os.write(fd, b"garbage\\n")\n    except OSError:\n        pass\nreturn 1',
    );
    const { status, result } = await ended;
    expect(status).toBe('failed');
    expect(result.error).toMatch(/wrote on Petrel's own connection/);
  });
});

describe.skipIf(PYTHON === undefined)('a fork server', () => {
  const pidOf = (host: PythonBench['host']) => host.servers()[0]?.pid ?? 0;

  it('that is killed is replaced, and runs in flight go on', async () => {
    const { ended, runner, subject, host } = start('print("pids", os.getpid())\ntime.sleep(1)\nreturn "done"');
    await printedPids(subject);
    const before = pidOf(host);
    process.kill(before, 'SIGKILL');
    await isGone(before);
    const again = runner.run(subject.run);
    expect((await ended).result.result).toBe('done');
    expect(((await again).result as JsonObject).result).toBe('done');
    expect(pidOf(host)).not.toBe(before);
  });

  it('that is killed at the very moment of a fork is replaced without anybody noticing', async () => {
    const { ended, runner, subject, host } = start('return 1');
    await ended;
    for (let round = 0; round < 5; round += 1) {
      const runs = Array.from({ length: 4 }, () => runner.run(subject.run));
      setTimeout(() => process.kill(pidOf(host), 'SIGKILL'), round);
      for (const { status } of await Promise.all(runs)) expect(status).toBe('succeeded');
    }
  });

  it('that is idle ends, and the next run starts another', async () => {
    const { ended, runner, subject, host } = start('return 1', {}, { idle: 100 });
    await ended;
    const before = pidOf(host);
    expect(await isGone(before)).toBe(true);
    expect(host.servers()).toHaveLength(0);
    expect((await runner.run(subject.run)).status).toBe('succeeded');
  });

  it('holds no secret: neither in its environment nor on its command line', async () => {
    process.env.PETREL_TEST_SECRET = 'hunter2';
    try {
      const { ended, host } = start('return 1', { config: { token: 'hunter2' }, actionParameters: { p: 'hunter2' } });
      await ended;
      for (const file of ['environ', 'cmdline']) {
        expect(readFileSync(`/proc/${pidOf(host)}/${file}`, 'utf8')).not.toContain('hunter2');
      }
    } finally {
      delete process.env.PETREL_TEST_SECRET;
    }
  });

  it('that cannot start says why', async () => {
    bench = openPythonBench({ python: join(import.meta.dirname, 'not-python.sh') });
    const { status, result } = await start('return 1').ended;
    expect(status).toBe('failed');
    expect(result.error).toMatch(/The fork server of .*not-python\.sh ended \(exit code 3\): no module named petrel\./);
  });

  it('leaves nothing of its meeting place behind', async () => {
    const { ended, host } = start('return os.readlink("/proc/%d/cwd" % os.getppid())');
    await ended;
    const address = readFileSync(`/proc/${pidOf(host)}/cmdline`, 'utf8')
      .split('\0')
      .find((word) => word.includes('petrel-python-'));
    expect(existsSync(String(address))).toBe(true);
    await host.close();
    expect(existsSync(String(address))).toBe(false);
  });
});
