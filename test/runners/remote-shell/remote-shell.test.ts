import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { remoteShellCommand, remoteShellScript, type SshSettings } from '../../../src/runners/remote-shell/index.ts';
import type { RunEnd } from '../../../src/runners/runner.ts';
import { freePort } from '../../real/processes.ts';
import { type RealSshd, sshdProgram, startSshd } from '../../real/sshd.ts';
import { type HarnessOptions, harness } from '../harness.ts';

/** Everything here talks to a real OpenSSH server. */
const program = sshdProgram();
const real = describe.skipIf(program === undefined);

let sshd: RealSshd;
let folder: string;
beforeAll(async () => {
  if (program === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'petrel-remote-'));
  chmodSync(folder, 0o755);
  sshd = await startSshd(program);
}, 40_000);
afterAll(async () => {
  if (program === undefined) return;
  await sshd.stop();
  rmSync(folder, { recursive: true, force: true });
});

const quick: SshSettings = { grace: 300 };

function subject(parameters: JsonObject, options: HarnessOptions = {}) {
  const access = { hosts: '127.0.0.1', port: sshd.port, username: sshd.username, private_key: sshd.privateKey };
  return harness({ ...options, runnerParameters: { ...access, timeout: 20, ...parameters } });
}

async function remote(parameters: JsonObject, options: HarnessOptions = {}, settings = quick): Promise<RunEnd> {
  return (await remoteShellCommand(settings).run(subject(parameters, options).run)) as RunEnd; // it never waits for an answer
}

const on = (host: string, result: JsonObject) => ({ [host]: expect.objectContaining(result) });

async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

real('A command on a host', () => {
  it('answers what it printed and how it ended', async () => {
    expect(await remote({ cmd: 'echo out; echo err >&2' })).toEqual({
      status: 'succeeded',
      result: {
        '127.0.0.1': { succeeded: true, failed: false, return_code: 0, stdout: 'out', stderr: 'err' },
      },
    });
  });

  it.each([
    ['exit 3', 'failed', 3],
    ['no-such-program-anywhere', 'failed', 127],
    ['kill -9 $$', 'failed', -1],
  ])('%s ends as %s with return code %i', async (cmd, status, code) => {
    expect(await remote({ cmd })).toEqual({
      status,
      result: on('127.0.0.1', { failed: true, succeeded: false, return_code: code }),
    });
  });

  it('has output that is JSON as its value', async () => {
    expect((await remote({ cmd: `echo '{"a": [1]}'` })).result).toEqual(on('127.0.0.1', { stdout: { a: [1] } }));
  });

  it('works in the directory asked for, and in /tmp else', async () => {
    expect((await remote({ cmd: 'pwd' })).result).toEqual(on('127.0.0.1', { stdout: '/tmp' }));
    expect((await remote({ cmd: 'pwd', cwd: '/' })).result).toEqual(on('127.0.0.1', { stdout: '/' }));
    const missing = await remote({ cmd: 'pwd', cwd: '/no/such place' });
    expect(missing).toMatchObject({ status: 'failed' });
  });

  it('sees the env parameter and the ST2 variables, quoted', async () => {
    const { result } = await remote({ cmd: 'printf "%s|%s" "$A" "$ST2_ACTION_PACK_NAME"', env: { A: `it's $HOME` } });
    expect(result).toEqual(on('127.0.0.1', { stdout: `it's $HOME|demo` }));
  });

  it('refuses a variable whose name would be run', async () => {
    const { status, result } = await remote({ cmd: 'true', env: { 'A; touch /tmp/x': '1' } });
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringContaining('no name of a variable') });
  });

  it('has an empty standard input', async () => {
    expect(await remote({ cmd: 'cat' })).toMatchObject({ status: 'succeeded' });
  });

  it('is streamed as it comes, characters cut in two included', async () => {
    const { run, streamed } = subject({ cmd: `printf 'a\\303'; sleep 0.1; printf '\\251b'; echo oops >&2` });
    await remoteShellCommand(quick).run(run);
    expect([streamed('stdout'), streamed('stderr')]).toEqual(['aéb', 'oops\n']);
  });

  it('is read to its end but kept only up to a bound', async () => {
    const { result } = await remote({ cmd: 'head -c 12000000 /dev/zero | tr "\\0" x; echo done >&2' });
    const { stdout, stderr } = (result as Record<string, { stdout: string; stderr: string }>)['127.0.0.1'] ?? {};
    expect(stdout?.endsWith('[output cut: only the first 10485760 bytes are kept]')).toBe(true);
    expect(stderr).toBe('done');
  });

  it('leaves no secret in the arguments of any program', async () => {
    const { result } = await remote({
      cmd: 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n"; printf %s "$TOKEN" | wc -c',
      env: { TOKEN: 'tell-nobody-of-this' },
    });
    const { stdout = '' } = (result as Record<string, { stdout: string }>)['127.0.0.1'] ?? {};
    // Not the texts themselves: they would fill the report of a failure.
    expect([stdout.includes('dd bs=1'), stdout.endsWith('\n19'), stdout.includes('tell-nobody')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

real('A command that takes too long', () => {
  it('is a timeout, and everything it started is ended, also what ignores SIGTERM', async () => {
    const { run, streamed } = subject({
      cmd: `echo begun; trap '' TERM; sh -c "trap '' TERM; echo \\$\\$; sleep 60; sleep 60"`,
      timeout: 1,
    });
    const { status, result } = (await remoteShellCommand(quick).run(run)) as RunEnd; // it never waits for an answer
    const pid = Number(streamed('stdout').trim().split('\n').at(-1));
    expect(status).toBe('timeout');
    expect(result).toEqual(
      on('127.0.0.1', {
        failed: true,
        succeeded: false,
        timeout: true,
        return_code: -9,
        stdout: `begun\n${pid}`,
        error: expect.stringContaining("didn't finish in 1 seconds"),
      }),
    );
    expect(await isGone(pid)).toBe(true);
  });

  it('is ended when the execution is canceled', async () => {
    const asked: ReturnType<typeof harness> = subject(
      { cmd: 'echo $$; sleep 60' },
      { onOutput: () => asked.controller.abort() },
    );
    const { status } = await remoteShellCommand(quick).run(asked.run);
    expect(status).toBe('canceled');
    expect(await isGone(Number(asked.streamed('stdout')))).toBe(true);
  });
});

real('Several hosts', () => {
  const two = () => `127.0.0.1, localhost:${sshd.port}`;

  it('run at the same time, each with a result of its own', async () => {
    const met = join(folder, 'met');
    const count = `"$(ls ${met}.* | wc -l)"`;
    const wait = `n=0; until [ ${count} = 2 ] || [ $n = 100 ]; do n=$((n+1)); sleep 0.1; done`;
    const { run, streamed } = subject({ hosts: two(), cmd: `touch ${met}.$$; ${wait}; echo met ${count}` });
    expect(await remoteShellCommand(quick).run(run)).toEqual({
      status: 'succeeded',
      result: { ...on('127.0.0.1', { stdout: 'met 2' }), ...on('localhost', { stdout: 'met 2' }) },
    });
    expect(streamed('stdout').trim().split('\n').sort()).toEqual(['[127.0.0.1] met 2', '[localhost] met 2']);
  });

  it('fail when one fails, and the others have run', async () => {
    const nowhere = await freePort();
    const outcome = await remote({ hosts: `127.0.0.1,localhost:${nowhere}`, cmd: 'echo done' });
    expect(outcome.status).toBe('failed');
    expect(outcome.result).toEqual({
      ...on('127.0.0.1', { succeeded: true, stdout: 'done' }),
      ...on('localhost', {
        failed: true,
        timeout: false,
        return_code: 255,
        error: expect.stringContaining(`Failed connecting to host localhost. No connection to localhost:${nowhere}`),
      }),
    });
    const enough = { ...quick, partialSuccess: true };
    expect((await remote({ hosts: `127.0.0.1,localhost:${nowhere}`, cmd: 'true' }, {}, enough)).status).toBe(
      'succeeded',
    );
  });

  it('time out when all do', async () => {
    const { status } = await remote({ hosts: two(), cmd: 'if [ "$SSH_CONNECTION" ]; then sleep 30; fi', timeout: 1 });
    expect(status).toBe('timeout');
  });

  it('of which none can be reached fail with what each said', async () => {
    const nowhere = await freePort();
    const { status, result } = await remote({ hosts: `127.0.0.1:${nowhere},localhost:${nowhere}`, cmd: 'true' });
    expect(status).toBe('failed');
    expect(result).toMatchObject({
      error: expect.stringMatching(/^Unable to connect to any one of the hosts: 127\.0\.0\.1, localhost\./),
    });
  });

  it('that are none fail', async () => {
    expect(await remote({ hosts: ' , ', cmd: 'true' })).toMatchObject({ status: 'failed' });
  });

  it('are reached a bounded number at a time', async () => {
    const begun = Date.now();
    await remote({ hosts: two(), cmd: 'sleep 1' }, {}, { ...quick, parallel: 1 });
    expect(Date.now() - begun).toBeGreaterThan(2000);
  });
});

real('Logging in', () => {
  it('takes a key from a file', async () => {
    expect(await remote({ cmd: 'true', private_key: sshd.privateKeyFile })).toMatchObject({ status: 'succeeded' });
  });

  it("takes the server's user and key where the action gives none", async () => {
    const settings = { ...quick, user: sshd.username, keyFile: sshd.privateKeyFile };
    const bare = { username: null, private_key: null, cmd: 'true' };
    expect(await remote(bare, {}, settings)).toMatchObject({ status: 'succeeded' });
  });

  it('takes a key with a passphrase, and refuses a wrong one', async () => {
    const encrypted = { cmd: 'true', private_key: sshd.encryptedKey };
    expect(await remote({ ...encrypted, passphrase: sshd.passphrase })).toMatchObject({ status: 'succeeded' });
    expect(await remote({ ...encrypted, passphrase: 'wrong' })).toMatchObject({ status: 'failed' });
    expect(await remote(encrypted)).toMatchObject({ status: 'failed' });
  });

  it('marks what it was given as secret', async () => {
    const asked = subject({ cmd: 'true', passphrase: 'a passphrase', password: 'a password' });
    await remoteShellCommand(quick).run(asked.run);
    expect(asked.secrets).toEqual(['a password', 'a passphrase', sshd.privateKey]);
  });

  it('needs something to log in with, and says what', async () => {
    const { status, result } = await remote({ cmd: 'true', private_key: null });
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: expect.stringContaining('"private_key" or a "password"') });
  });

  it('never shows a key that is none', async () => {
    const { result } = await remote({ cmd: 'true', private_key: 'AAAAB3NzaC1 a key\nwithout its head' });
    expect(JSON.stringify(result)).not.toContain('AAAAB3');
  });

  it('takes a password, and refuses a wrong one', async (context) => {
    const { account } = sshd;
    if (account === undefined) return context.skip('only root may make an account to try passwords with');
    const given = { cmd: 'id -un', private_key: null, ...account };
    expect(await remote(given)).toEqual({ status: 'succeeded', result: on('127.0.0.1', { stdout: account.username }) });
    const wrong = await remote({ ...given, password: 'wrong' });
    expect(wrong).toMatchObject({ status: 'failed', result: { error: expect.stringContaining('authentication') } });
  });

  it('goes through a bastion', async () => {
    const through = { bastion_host: `localhost:${sshd.port}`, cmd: 'echo "$SSH_CONNECTION" | wc -w' };
    expect(await remote(through)).toEqual({ status: 'succeeded', result: on('127.0.0.1', { stdout: 4 }) });
  });

  it('says so when the bastion cannot reach the host', async () => {
    const nowhere = await freePort();
    const { result } = await remote({ bastion_host: `localhost:${sshd.port}`, port: nowhere, cmd: 'true' });
    expect(result).toMatchObject({ error: expect.stringContaining(`The bastion cannot reach 127.0.0.1:${nowhere}`) });
  });
});

real('The key of a host', () => {
  const entry = () => `ssh.host_key.[127.0.0.1]:${sshd.port}`;

  it('is kept at first use, and no other is taken after', async () => {
    const asked = subject({ cmd: 'true' });
    const { datastore } = asked.run.services;
    await remoteShellCommand(quick).run(asked.run);
    expect(await datastore.get(entry())).toMatch(/^ssh-ed25519 SHA256:\S{43}$/);
    expect(await remoteShellCommand(quick).run(asked.run)).toMatchObject({ status: 'succeeded' });
    await datastore.set(entry(), 'ssh-ed25519 SHA256:another');
    const { result } = (await remoteShellCommand(quick).run(asked.run)) as RunEnd; // it never waits for an answer
    expect(result).toMatchObject({ error: expect.stringContaining(`petrel key delete '${entry()}'`) });
  });

  it('must be in the file of known hosts where that is wanted', async () => {
    const file = join(folder, 'known_hosts');
    const strict: SshSettings = { ...quick, hostKeys: 'known-hosts', knownHostsFile: file };
    expect(await remote({ cmd: 'true' }, {}, strict)).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining(file) },
    });
    writeFileSync(file, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    expect(await remote({ cmd: 'true' }, {}, strict)).toMatchObject({ status: 'succeeded' });
    writeFileSync(file, `@revoked [127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    expect(await remote({ cmd: 'true' }, {}, strict)).toMatchObject({
      result: { error: expect.stringContaining('revoked') },
    });
    writeFileSync(file, 'elsewhere ssh-ed25519 AAAA\n');
    expect(await remote({ cmd: 'true' }, {}, strict)).toMatchObject({
      result: { error: expect.stringContaining('does not know the host') },
    });
  });

  it('can be any, as in StackStorm, and then nothing is kept', async () => {
    const asked = subject({ cmd: 'true' });
    await remoteShellCommand({ ...quick, hostKeys: 'any' }).run(asked.run);
    expect(await asked.run.services.datastore.get(entry())).toBeUndefined();
  });
});

real('sudo on a host', () => {
  /** Stands in for sudo, which a host need not have. */
  function fakeSudo(ask: string): string {
    const body = `echo "$@" >> ${sshd.bin}/arguments\n${ask}\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n`;
    writeFileSync(join(sshd.bin, 'sudo'), `#!/bin/sh\n${body}`, { mode: 0o755 });
    return join(sshd.bin, 'arguments');
  }

  it.each([
    ['asks', 'IFS= read -r password; echo "got $password" >&2', 'got hunter2'],
    ['does not ask', '', ''],
  ])('that %s for the password runs the command, whose arguments hold no secret', async (_what, ask, stderr) => {
    const written = fakeSudo(ask);
    const asked = subject({ cmd: 'echo "inner $A"', sudo: true, sudo_password: 'hunter2', env: { A: 'x y' } });
    expect(await remoteShellCommand(quick).run(asked.run)).toEqual({
      status: 'succeeded',
      result: on('127.0.0.1', { stdout: 'inner x y', stderr }),
    });
    expect(readFileSync(written, 'utf8')).not.toMatch(/hunter2|x y/);
    expect(asked.secrets).toContain('hunter2');
  });

  it('without a password does not wait for one', async () => {
    fakeSudo('[ "$1" = -n ] || { cat; exit 1; }');
    expect(await remote({ cmd: 'echo inner', sudo: true })).toMatchObject({ status: 'succeeded' });
  });

  it('with a wrong password fails and says so', async () => {
    fakeSudo('echo "Sorry, try again." >&2; echo "sudo: 1 incorrect password attempt" >&2; exit 1');
    expect(await remote({ cmd: 'true', sudo: true, sudo_password: 'wrong' })).toEqual({
      status: 'failed',
      result: on('127.0.0.1', { return_code: 1, error: expect.stringContaining('Invalid sudo password') }),
    });
  });
});

real('A script on a host', () => {
  function scriptFile(body: string): string {
    const actions = mkdtempSync(join(folder, 'actions-'));
    writeFileSync(join(actions, 'work.sh'), body);
    mkdirSync(join(actions, 'lib', 'deep'), { recursive: true });
    writeFileSync(join(actions, 'lib', 'deep', 'names.sh'), 'name=library\n');
    return join(actions, 'work.sh');
  }
  const script = (parameters: JsonObject, options: HarnessOptions = {}) =>
    remoteShellScript(quick).run(subject(parameters, options).run) as Promise<RunEnd>; // it never waits for an answer

  it('is copied with its library, gets its arguments, and is gone afterwards', async () => {
    const dir = mkdtempSync(join(folder, 'dir-'));
    const entryPath = scriptFile(
      '#!/bin/sh\n. "$(dirname "$0")/lib/deep/names.sh"\nstat -c %a "$(dirname "$0")"\nprintf "<%s>" "$name" "$@"\n',
    );
    const { status, result } = await script(
      { dir, kwarg_op: '--' },
      {
        entryPath,
        parameters: {
          first: { type: 'string', position: 0 },
          size: { type: 'number', position: 1 },
          flag: { type: 'boolean' },
        },
        actionParameters: { first: `it's; $(id)`, size: 5, flag: true },
      },
    );
    expect(result).toEqual(on('127.0.0.1', { stdout: `700\n<library><--flag><it's; $(id)><5.0>` }));
    expect(status).toBe('succeeded');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is removed when it takes too long, too', async () => {
    const dir = mkdtempSync(join(folder, 'dir-'));
    const { status } = await script({ dir, timeout: 1 }, { entryPath: scriptFile('#!/bin/sh\nsleep 60\n') });
    expect(status).toBe('timeout');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('that cannot be copied fails, and nothing has run', async () => {
    const marker = join(folder, 'was-run');
    const { status, result } = await script(
      { dir: join(folder, 'missing') },
      { entryPath: scriptFile(`#!/bin/sh\ntouch ${marker}\n`) },
    );
    expect(status).toBe('failed');
    expect(result).toMatchObject({
      failed: true,
      succeeded: false,
      return_code: 255,
      error: expect.stringContaining('Failed copying the script to host 127.0.0.1.'),
    });
    expect(existsSync(marker)).toBe(false);
  });

  it('that is not there fails with its path', async () => {
    const { result } = await script({}, { entryPath: join(folder, 'none.sh') });
    expect(result).toMatchObject({ error: expect.stringContaining('none.sh') });
  });
});
