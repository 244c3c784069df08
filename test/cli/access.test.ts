import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PETREL, type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';

const PASSWORD = 'correct horse';
let directory: string;
let server: PetrelProcess;
let adminToken: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-cli-access-'));
  await mkdir(join(directory, 'data', 'rbac', 'roles'), { recursive: true });
  await writeFile(
    join(directory, 'data', 'rbac', 'roles', 'runner.yaml'),
    'name: runner\ndescription: Runs core.\npermission_grants: [{resource_uid: "pack:core", permission_types: [action_execute]}]\n',
  );
  server = await startPetrelProcess(['--data', join(directory, 'data')]);
  adminToken = (await readFile(join(directory, 'data', 'admin.token'), 'utf8')).trim();
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** In a directory of its own, where no server has left anything; `home` keeps the login. */
async function petrel(
  args: readonly string[],
  options: { home?: string; input?: string; env?: Record<string, string> } = {},
) {
  const child = spawn(process.execPath, [PETREL, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: join(directory, options.home ?? 'nobody'), ...options.env },
  });
  child.stdin.end(options.input ?? '');
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout: stdout.trim(), stderr: stderr.trim() };
}
const asAdmin = (args: readonly string[], input?: string) =>
  petrel(['--url', server.url, '--token', adminToken, ...args], input === undefined ? {} : { input });
const configOf = (home: string) => join(directory, home, '.petrel', 'config');

describe('users on the command line', () => {
  it('are added with a password from standard input, and a role to begin with', async () => {
    const added = await asAdmin(['user', 'add', 'ann', '--role', 'observer'], `${PASSWORD}\n`);
    expect(added).toMatchObject({ code: 0, stdout: 'User ann is there, and has the roles observer.' });
    expect((await asAdmin(['user', 'list'])).stdout).toMatch(/ann +local +\d{4}-/);
    expect(await asAdmin(['user', 'add', 'ann'], `${PASSWORD}\n`)).toMatchObject({ code: 1 });
    expect(await asAdmin(['user', 'add', 'ben'], '')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no line'),
    });
  });

  it('sign in, are known from then on, and sign out', async () => {
    const login = await petrel(['login', '--url', server.url, 'ann'], { home: 'ann', input: `${PASSWORD}\n` });
    expect(login).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Logged in at ${server.url} as ann until`),
    });
    expect((await stat(configOf('ann'))).mode & 0o777).toBe(0o600);
    const token = /token = (\w+)/.exec(await readFile(configOf('ann'), 'utf8'))?.[1] ?? '';
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(login.stdout).not.toContain(token);

    const whoami = await petrel(['whoami'], { home: 'ann' });
    expect(whoami.stdout).toMatch(/^user: {3}ann\nroles: {2}observer\nby: {5}authentication token, until 20/);
    expect((await petrel(['run', 'core.local', 'cmd=id'], { home: 'ann' })).stderr).toContain('action_execute');

    expect(await petrel(['logout'], { home: 'ann' })).toMatchObject({ code: 0 });
    expect(await petrel(['whoami'], { home: 'ann' })).toMatchObject({ code: 3 });
    expect(await petrel(['whoami', '--url', server.url, '--token', token])).toMatchObject({ code: 3 });
    expect((await petrel(['logout'], { home: 'ann' })).stdout).toBe('Nobody is logged in.');
  });

  it('do not sign in with a wrong password', async () => {
    const login = await petrel(['login', '--url', server.url, 'ann'], { home: 'wrong', input: 'wrong horses\n' });
    expect(login).toMatchObject({ code: 3, stderr: 'petrel: Invalid or missing credentials' });
    await expect(stat(configOf('wrong'))).rejects.toThrow();
  });

  it('have their token sent to no other server', async () => {
    await petrel(['login', '--url', server.url, 'ann'], { home: 'other', input: `${PASSWORD}\n` });
    const other = await petrel(['whoami', '--url', 'http://127.0.0.1:9'], { home: 'other' });
    expect(other).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Nobody is signed in at http://127.0.0.1:9'),
    });
  });

  it('change their password, and that of others as administrators', async () => {
    await petrel(['login', '--url', server.url, 'ann'], { home: 'change', input: `${PASSWORD}\n` });
    const changed = await petrel(['user', 'password'], { home: 'change', input: `${PASSWORD}\nanother horse\n` });
    expect(changed).toMatchObject({ code: 0 });
    expect(await petrel(['whoami'], { home: 'change' })).toMatchObject({ code: 3 });
    expect(await asAdmin(['user', 'password', 'ann'], `${PASSWORD}\n`)).toMatchObject({ code: 0 });
    expect(
      await petrel(['login', '--url', server.url, 'ann'], { home: 'change', input: `${PASSWORD}\n` }),
    ).toMatchObject({ code: 0 });
  });

  it('have roles, from files and given by hand', async () => {
    expect((await asAdmin(['role', 'list'])).stdout).toMatch(/runner +false +Runs core\./);
    expect((await asAdmin(['role', 'get', 'runner'])).stdout).toMatch(/pack:core +\["action_execute"\]/);
    expect(await asAdmin(['role', 'assign', 'ann', 'runner'])).toMatchObject({
      code: 0,
      stdout: 'ann has the role runner.',
    });
    expect((await asAdmin(['role', 'assignments', '--user', 'ann'])).stdout).toMatch(/ann +runner +local/);
    const run = await petrel(['run', 'core.local', 'cmd=echo hello'], { home: 'change' });
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('hello') });
    expect(await asAdmin(['role', 'revoke', 'ann', 'runner'])).toMatchObject({ code: 0 });
    expect(await asAdmin(['role', 'revoke', 'ann', 'runner'])).toMatchObject({ code: 1 });
    expect(await asAdmin(['role', 'assign', 'ann', 'runer'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Did you mean "runner"?'),
    });
    expect((await asAdmin(['role', 'reload'])).stdout).toBe('4 roles are in force.');
  });

  it('leave what they changed in the audit log', async () => {
    expect((await asAdmin(['audit', '--user', 'admin'])).stdout).toMatch(
      /admin +admin_token +127\.0\.0\.1 +POST \/rbac\/role_assignments +\/api\/v1\/rbac\/role_assignments +done/,
    );
  });
});

describe('API keys on the command line', () => {
  it('are printed once, and work from the environment, as StackStorm’s do', async () => {
    const { stdout: key } = await asAdmin(['apikey', 'create', '--user', 'ann', '--metadata', '{"for": "bot"}']);
    expect(key).toMatch(/^[A-Za-z0-9]{86}$/);
    const env = { ST2_API_URL: `${server.url}/v1`, ST2_API_KEY: key };
    expect((await petrel(['whoami'], { env })).stdout).toMatch(/user: {3}ann[\s\S]*API key/);
    const { stdout } = await asAdmin(['apikey', 'list', '--user', 'ann']);
    const id = /[0-9a-f]{24}/.exec(stdout)?.[0] ?? '';
    expect(stdout).toContain('{"for":"bot"}');
    expect((await asAdmin(['apikey', 'disable', id])).stdout).toBe('The API key is disabled.');
    expect(await petrel(['whoami'], { env })).toMatchObject({ code: 3 });
    expect(await asAdmin(['apikey', 'enable', id])).toMatchObject({ code: 0 });
    expect(await petrel(['whoami'], { env })).toMatchObject({ code: 0 });
    expect(await asAdmin(['apikey', 'delete', id])).toMatchObject({ code: 0 });
    expect(await petrel(['whoami'], { env })).toMatchObject({ code: 3 });
  });
});

describe('StackStorm’s environment', () => {
  it.each(['/v1', '/api/v1/'])('is understood: ST2_API_URL with %s', async (path) => {
    const env = { ST2_API_URL: `${server.url}${path}`, ST2_AUTH_TOKEN: adminToken };
    expect(await petrel(['whoami'], { env })).toMatchObject({ code: 0 });
  });

  it('is understood: ST2_AUTH_URL says where to sign in', async () => {
    const env = { ST2_API_URL: 'http://127.0.0.1:9/v1', ST2_AUTH_URL: `${server.url}/auth/v1` };
    expect(await petrel(['login', 'ann'], { home: 'st2', input: `${PASSWORD}\n`, env })).toMatchObject({ code: 0 });
  });

  it('gives way to options', async () => {
    const env = { ST2_API_URL: 'http://127.0.0.1:9/v1', ST2_AUTH_TOKEN: 'wrong' };
    expect(await petrel(['whoami', '--url', server.url, '--token', adminToken], { env })).toMatchObject({ code: 0 });
  });
});

describe('petrel start', () => {
  it('does not begin with role files that are wrong', async () => {
    const roles = join(directory, 'wrong-roles');
    await mkdir(join(roles, 'roles'), { recursive: true });
    await writeFile(
      join(roles, 'roles', 'bad.yaml'),
      'name: bad\npermission_grants: [{permission_types: [everything]}]\n',
    );
    const started = await petrel(['start', '--data', join(directory, 'second'), '--port', '0', '--roles', roles]);
    expect(started).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/bad\.yaml:2:\d+: error: There is no permission type "everything"/),
    });
  });

  it.each([
    [['--cors-origin', '*'], /"\*" is no origin/],
    [['--http-deny', 'intranet'], /"intranet" is neither an address/],
  ])('refuses %j', async (options, complaint) => {
    const started = await petrel(['start', '--data', join(directory, 'second'), '--port', '0', ...options]);
    expect(started).toMatchObject({ code: 2, stderr: expect.stringMatching(complaint) });
  });
});
