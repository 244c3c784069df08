import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localShellCommand } from '../../src/runners/local-shell-cmd.ts';
import { localShellScript } from '../../src/runners/local-shell-script.ts';
import { harness } from './harness.ts';

const command = localShellCommand({ grace: 200 });
const script = localShellScript({ grace: 200 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'petrel-shell-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function shell(cmd: string, parameters = {}, options = {}) {
  return command.run(harness({ runnerParameters: { cmd, timeout: 20, ...parameters }, ...options }).run);
}

async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

describe('how a shell command ends', () => {
  it.each([
    { cmd: 'true', status: 'succeeded', code: 0 },
    { cmd: 'exit 3', status: 'failed', code: 3 },
    { cmd: 'kill -9 $$', status: 'timeout', code: -9 },
    { cmd: 'kill -15 $$', status: 'abandoned', code: -15 },
    { cmd: 'kill -1 $$', status: 'failed', code: -1 },
    { cmd: 'no-such-program-anywhere', status: 'failed', code: 127 },
  ])('$cmd ends as $status with return code $code', async ({ cmd, status, code }) => {
    const { status: ended, result } = await shell(cmd);
    expect(ended).toBe(status);
    expect(result).toMatchObject({ return_code: code, succeeded: code === 0, failed: code !== 0 });
  });

  it.skipIf(!['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'].some(existsSync))(
    'is bash where there is one',
    async () => {
      const cmd = `[[ "available failed" =~ "failed" ]] && for i in {1..3}; do echo "add('mongo$i')"; done`;
      const { result } = await shell(cmd);
      expect(result).toMatchObject({ stdout: "add('mongo1')\nadd('mongo2')\nadd('mongo3')", return_code: 0 });
    },
  );

  it('is a timeout after the time limit, and keeps the output so far', async () => {
    const { status, result } = await shell('echo before; sleep 60; echo after', { timeout: 1 });
    expect(status).toBe('timeout');
    expect(result).toEqual({
      failed: true,
      succeeded: false,
      return_code: -9,
      stdout: 'before',
      stderr: '',
      error: 'Action failed to complete in 1 seconds',
    });
  });

  it('ends everything the command started, also what ignores SIGTERM', async () => {
    const { run, streamed } = harness({
      runnerParameters: { cmd: `trap '' TERM; sh -c "trap '' TERM; echo \\$\\$; sleep 60; sleep 60"`, timeout: 1 },
    });
    const { status } = await command.run(run);
    expect(status).toBe('timeout');
    expect(await isGone(Number(streamed('stdout')))).toBe(true);
  });

  it('is canceled by the signal, with the output so far', async () => {
    const subject: ReturnType<typeof harness> = harness({
      runnerParameters: { cmd: 'echo started; sleep 60', timeout: 30 },
      onOutput: () => subject.controller.abort(),
    });
    const { status, result } = await command.run(subject.run);
    expect(status).toBe('canceled');
    expect(result).toMatchObject({ stdout: 'started', succeeded: false });
  });

  it('is canceled when the signal was given before it started', async () => {
    const subject = harness({ runnerParameters: { cmd: 'sleep 60', timeout: 30 } });
    subject.controller.abort();
    expect((await command.run(subject.run)).status).toBe('canceled');
  });

  it('does not wait for what the command leaves in the background', async () => {
    const { status, result } = await shell('sleep 30 & echo $!');
    expect(status).toBe('succeeded');
    const { stdout } = result as { stdout: number };
    process.kill(stdout, 'SIGKILL');
  });
});

describe('the output of a shell command', () => {
  it.each([
    { cmd: `printf '5\\n'`, stdout: 5 },
    { cmd: `printf '{"a": [1, true]}'`, stdout: { a: [1, true] } },
    { cmd: 'printf true', stdout: true },
    { cmd: `printf 'text\\r\\n'`, stdout: 'text' },
    { cmd: `printf 'two\\n\\n'`, stdout: 'two\n' },
    { cmd: 'true', stdout: '' },
    { cmd: 'printf 1.2.3', stdout: '1.2.3' },
  ])('of $cmd is $stdout', async ({ cmd, stdout }) => {
    expect((await shell(cmd)).result).toMatchObject({ stdout });
  });

  it('stays text when it is nested without end', async () => {
    const { result } = await shell(`head -c 100000 /dev/zero | tr '\\0' '['`);
    expect(result).toMatchObject({ stdout: '['.repeat(100_000) });
  });

  it('is streamed in order, characters cut by a chunk border included', async () => {
    const { run, streamed } = harness({
      runnerParameters: { cmd: `printf 'a\\303'; sleep 0.1; printf '\\251b'; echo oops >&2`, timeout: 20 },
    });
    const { result } = await command.run(run);
    expect(streamed('stdout')).toBe('aéb');
    expect(streamed('stderr')).toBe('oops\n');
    expect(result).toMatchObject({ stdout: 'aéb', stderr: 'oops' });
  });

  it('is cut with a note when it is endless, and the command still runs to its end', async () => {
    const { run, streamed } = harness({
      runnerParameters: { cmd: 'head -c 40000000 /dev/zero | tr "\\0" x; echo done >&2', timeout: 25 },
    });
    const { status, result } = await command.run(run);
    const { stdout } = result as { stdout: string };
    expect(status).toBe('succeeded');
    expect(stdout).toHaveLength(10 * 1024 * 1024 + '\n[output cut: only the first 10485760 bytes are kept]'.length);
    expect(stdout.endsWith('[output cut: only the first 10485760 bytes are kept]')).toBe(true);
    expect(streamed('stdout')).toHaveLength(stdout.length + 1);
    expect(result).toMatchObject({ stderr: 'done' });
  });
});

describe('the surroundings of a shell command', () => {
  it('are the env parameter and the ST2 variables, which win', async () => {
    const { result } = await shell(
      'echo "$A $ST2_ACTION_PACK_NAME $N"',
      { env: { A: 'own', ST2_ACTION_PACK_NAME: 'forged', N: true } },
      { environment: { ST2_ACTION_PACK_NAME: 'demo' } },
    );
    expect(result).toMatchObject({ stdout: 'own demo True' });
  });

  it('do not hold the variables of the service', async () => {
    process.env.PETREL_TEST_TOKEN = 'do not show';
    try {
      expect((await shell('env')).result).toMatchObject({ stdout: expect.not.stringContaining('PETREL_TEST_TOKEN') });
    } finally {
      delete process.env.PETREL_TEST_TOKEN;
    }
  });

  it('have an empty standard input', async () => {
    expect((await shell('cat')).status).toBe('succeeded');
  });

  it('are the working directory asked for', async () => {
    expect((await shell('pwd', { cwd: '/' })).result).toMatchObject({ stdout: '/' });
  });

  it('fail the action with a clear error when the working directory is missing', async () => {
    const { status, result } = await shell('pwd', { cwd: '/no/such/folder' });
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringContaining('The working directory "/no/such/folder"') });
  });
});

describe('sudo', () => {
  /** Stands in for sudo: takes the password from standard input and runs the rest. */
  function fakeSudo(body: string): Record<string, string> {
    const path = join(folder, 'sudo');
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return { PATH: `${folder}:${process.env.PATH}` };
  }

  it('gets the password on standard input and not on the command line', async () => {
    const env = fakeSudo('read password; while [ "$1" != "--" ]; do shift; done; shift; echo "got $password"; "$@"');
    const subject = harness({
      runnerParameters: { cmd: 'echo inner "$0"', sudo: true, sudo_password: 'hunter2', env, timeout: 20 },
    });
    const { status, result } = await command.run(subject.run);
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({ stdout: 'got hunter2\ninner bash' });
    expect(subject.secrets).toEqual(['hunter2']);
  });

  it('with a wrong password fails with return code -1 and says so', async () => {
    const env = fakeSudo('echo "Sorry, try again." >&2; echo "sudo: 1 incorrect password attempt" >&2; exit 1');
    const { status, result } = await shell('true', { sudo: true, sudo_password: 'wrong', env });
    expect(status).toBe('failed');
    expect(result).toMatchObject({ return_code: -1, error: expect.stringContaining('Invalid sudo password') });
  });
});

describe('a shell script', () => {
  function scriptFile(name: string, body: string): string {
    const path = join(folder, name);
    writeFileSync(path, body, { mode: 0o644 });
    return path;
  }

  it('is made executable and gets named and positional arguments', async () => {
    const entryPath = scriptFile('args.sh', '#!/bin/sh\nprintf "<%s>" "$@"\n');
    const { run } = harness({
      entryPath,
      runnerParameters: { timeout: 20, kwarg_op: '--' },
      parameters: {
        first: { type: 'string', position: 0 },
        size: { type: 'number', position: 1 },
        flag: { type: 'boolean' },
        name: { type: 'string' },
      },
      actionParameters: { first: `it's`, size: 5, flag: true, name: 'a b' },
    });
    const { status, result } = await script.run(run);
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({ stdout: `<--flag><--name=a b><it's><5.0>` });
    expect(statSync(entryPath).mode & 0o111).toBe(0o111);
  });

  it('passes arguments as words: nothing in them is run', async () => {
    const marker = join(folder, 'was-run');
    const entryPath = scriptFile('echo.sh', '#!/bin/sh\nprintf "%s" "$1"\n');
    const value = `$(touch ${marker}) \`touch ${marker}\` '; touch ${marker}; '`;
    const { run } = harness({
      entryPath,
      runnerParameters: { timeout: 20 },
      parameters: { text: { type: 'string', position: 0 } },
      actionParameters: { text: value },
    });
    expect((await script.run(run)).result).toMatchObject({ stdout: value });
    expect(existsSync(marker)).toBe(false);
  });

  it('that is missing fails with its path', async () => {
    const { status, result } = await script.run(harness({ entryPath: join(folder, 'missing.sh') }).run);
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringContaining('missing.sh of action demo.subject') });
  });

  it('fails when a revision of the pack is asked for, which is not supported', async () => {
    const { run } = harness({ entryPath: '/x', runnerParameters: { content_version: 'abc123' } });
    expect((await script.run(run)).result).toMatchObject({ error: expect.stringContaining('content_version') });
  });
});
