import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testRun } from '../../src/sdk/index.ts';
import { newModules, removeTemporaryFolders } from '../packs/support.ts';

const PACKS = join(import.meta.dirname, '../../packs');
const ACTIONS = join(PACKS, 'linux/actions');
const folder = mkdtempSync(join(tmpdir(), 'petrel-linux-'));
const modules = newModules();
const load = (name: string) => modules.loadAction(join(ACTIONS, `${name}.ts`));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  removeTemporaryFolders();
});

async function script(file: string, words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd: folder, env: { ...process.env, ...env } };
    execFile('/bin/sh', [file, ...words], options, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

const linux = (name: string, ...words: string[]) => script(join(ACTIONS, name), words);

describe('words.sh', () => {
  it('splits texts into words and fills wildcards in', async () => {
    for (const name of ['a 1.txt', 'b.txt', 'c.log']) writeFileSync(join(folder, name), name);
    const { stdout } = await linux('words.sh', 'printf', '[%s]', '*.txt', 'x  y', '');
    expect(stdout).toBe('[a 1.txt][b.txt][x][y]');
  });

  it('runs nothing that is in a text', async () => {
    const { stdout } = await linux('words.sh', 'printf', '%s\\n', '$(touch harm); `touch harm` | touch harm > harm');
    expect(stdout).toContain('$(touch');
    expect(existsSync(join(folder, 'harm'))).toBe(false);
  });

  it('says which program is missing', async () => {
    expect(await linux('words.sh', 'no-such-program')).toEqual({
      code: 127,
      stdout: '',
      stderr: 'There is no program no-such-program on this machine.\n',
    });
  });

  it('copies, moves and removes as the actions ask for it', async () => {
    writeFileSync(join(folder, 'one'), '1');
    expect((await linux('words.sh', 'cp', '-v', '--', 'one', 'two')).code).toBe(0);
    expect((await linux('words.sh', 'rm', '', '--', 'one two')).code).toBe(0);
    expect(existsSync(join(folder, 'two'))).toBe(false);
  });
});

describe('checks', () => {
  it('tells the load as JSON', async () => {
    const { stdout } = await linux('checks/check_loadavg.sh', 'all');
    expect(JSON.parse(stdout)).toEqual({ 1: expect.any(String), 5: expect.any(String), 15: expect.any(String) });
    expect(Object.keys(JSON.parse((await linux('checks/check_loadavg.sh', '5')).stdout))).toEqual(['5']);
    expect((await linux('checks/check_loadavg.sh', '7')).code).toBe(2);
  });

  it('finds processes as JSON', async () => {
    const own = JSON.parse((await linux('checks/check_processes.sh', 'pid', `^${process.pid}$`)).stdout);
    expect(own).toEqual({ [process.pid]: { name: expect.any(String), state: expect.stringMatching(/^[A-Z]$/) } });
    expect(JSON.parse((await linux('checks/check_processes.sh', 'name', '^no such process$')).stdout)).toEqual({});
    expect((await linux('checks/check_processes.sh', 'colour', 'red')).code).toBe(2);
  });
});

describe('scripts that take names', () => {
  it.each([
    ['service.sh', ['start', '-x'], 'is no name of a service'],
    ['service.sh', ['explode', 'web'], 'cannot be done'],
    ['traceroute.sh', ['-x', '30', '3'], 'is no name of a machine'],
    ['rsync.sh', ['-a', '5', 'one', '-oProxyCommand=x', '/'], 'is no name of a machine'],
    ['each_pid.sh', ['cat', '1;2'], 'is no process id'],
  ])('%s %j is refused', async (name, words, message) => {
    const { code, stderr } = await linux(name, ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('file_touch writes the time', async () => {
    await linux('file_touch.sh', join(folder, 'touched'));
    const seconds = Number(readFileSync(join(folder, 'touched'), 'utf8'));
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
  });
});

describe('actions in TypeScript', () => {
  it('finds open ports', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { result } = await testRun(await load('get_open_ports'), {
      input: { ip_address: '127.0.0.1', ports: `${port}-${port}` },
    });
    server.close();
    expect(result).toEqual([port]);
  });

  it.each([
    ['is_valid_ip', '::1'],
    ['is_valid_ipv4', '10.0.0.1'],
    ['is_valid_ipv6', 'fe80::1'],
  ])('%s takes %s and refuses a name', async (name, address) => {
    expect((await testRun(await load(name), { input: { ip_address: address } })).result).toBe(true);
    const action = await load(name);
    await expect(testRun(action, { input: { ip_address: 'localhost' } })).rejects.toThrow('"localhost" is not');
  });

  it('says that nobody could log in', async () => {
    const action = await load('wait_for_ssh');
    const input = { hostname: '127.0.0.1', port: 1, retries: 2, ssh_timeout: 0 };
    await expect(testRun(action, { input })).rejects.toThrow(
      /Nobody could log in to 127\.0\.0\.1 in 2 tries: .*ECONNREFUSED/,
    );
  });
});

describe('core.sendmail', () => {
  const FILE = join(PACKS, 'core/actions/sendmail.sh');
  const program = join(folder, 'sendmail');
  writeFileSync(program, `#!/bin/sh\ncat > ${join(folder, 'mail')}\necho "$@" > ${join(folder, 'options')}\n`, {
    mode: 0o755,
  });
  const send = (words: { body?: string; empty?: string; subject?: string; files?: string; binary?: string }) =>
    script(FILE, [
      words.binary ?? program,
      'petrel@example.com',
      'ann@example.com',
      words.subject ?? 'Hello',
      words.empty ?? '1',
      'text/plain',
      words.body ?? 'How are you?',
      words.files ?? '',
    ]);
  const mail = () => readFileSync(join(folder, 'mail'), 'utf8');

  it('hands the message to the program', async () => {
    expect(await send({})).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, 'options'), 'utf8')).toBe('-t -i\n');
    expect(mail()).toMatch(/^From: petrel@example\.com\nTo: ann@example\.com\nSubject: Hello\n/);
    expect(mail()).toContain(Buffer.from('How are you?').toString('base64'));
  });

  it('lets no text add a header', async () => {
    await send({ subject: 'x\nBcc: eve@example.com' });
    expect(mail()).not.toMatch(/^Bcc:/m);
  });

  it('encodes what is not ASCII, and attaches files', async () => {
    writeFileSync(join(folder, 'list.txt'), 'one\n');
    await send({ subject: 'Grüße', files: join(folder, 'list.txt') });
    expect(mail()).toContain(`Subject: =?UTF-8?B?${Buffer.from('Grüße').toString('base64')}?=`);
    expect(mail()).toContain('filename="list.txt"');
    expect(mail()).toContain(Buffer.from('one\n').toString('base64'));
  });

  it('sends nothing when there is nothing, a file is missing or the program is', async () => {
    rmSync(join(folder, 'mail'), { force: true });
    expect((await send({ body: ' ', empty: '0' })).stdout).toContain('nothing was sent');
    expect((await send({ files: '/no/such/file' })).code).not.toBe(0);
    expect(await send({ binary: 'no-such-mailer' })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('There is no program'),
    });
    expect(existsSync(join(folder, 'mail'))).toBe(false);
  });
});
