import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, MANIFEST, openHouse } from '../api/support.ts';
import { runHere } from './in-process.ts';

let house: House;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'petrel-habits-'));
  house = await openHouse({
    'flows/pack.yaml': MANIFEST('flows'),
    'flows/actions/take.yaml': `name: take
runner_type: local-shell-cmd
parameters:
  cmd: {immutable: true, default: "true"}
  hosts: {type: array, required: true, position: 0, description: Where.}
  ports: {type: array, items: {type: integer}}
  disks: {type: array, items: {type: object}}
  labels: {type: object}
  count: {type: integer, default: 1}
`,
    'flows/actions/two.yaml': 'name: two\nrunner_type: orquesta\nentry_point: workflows/two.yaml\n',
    'flows/actions/workflows/two.yaml':
      'version: 1.0\ntasks:\n  first: {action: core.noop, next: [{do: second}]}\n  second: {action: core.noop}\n',
    'flows/rules/filed.yaml':
      'name: filed\ntrigger: {type: core.st2.webhook, parameters: {url: filed}}\naction: {ref: core.noop}\nenabled: true\n',
  });
});
afterAll(async () => {
  await house.stop();
  rmSync(folder, { recursive: true, force: true });
});

const petrel = (...words: readonly string[]) =>
  runHere(words, { ST2_API_URL: `${house.server().url}/v1`, ST2_AUTH_TOKEN: house.server().token });
const json = async (...words: readonly string[]) => JSON.parse((await petrel(...words, '-j')).stdout);

describe('parameters', () => {
  const taken = async (...words: readonly string[]) => (await json('run', 'flows.take', ...words)).parameters;

  it('are read as the action wants them', async () => {
    expect(await taken('hosts=a, b', 'ports=80,443', 'labels=team=web,tier=1', 'count=3')).toMatchObject({
      hosts: ['a', 'b'],
      ports: [80, 443],
      labels: { team: 'web', tier: '1' },
      count: 3,
    });
    expect(await taken('hosts=one', 'hosts=two', 'labels={"a": [1]}', 'disks=size:9,name:d')).toMatchObject({
      hosts: ['one', 'two'],
      labels: { a: [1] },
      disks: [{ size: '9', name: 'd' }],
    });
    expect(await taken('hosts=["a,b"]', 'ports=8')).toMatchObject({ hosts: ['a,b'], ports: [8] });
  });

  it('come from files, in st2’s way and in ours', async () => {
    writeFileSync(join(folder, 'hosts'), 'x,y');
    expect(await taken(`@hosts=${join(folder, 'hosts')}`)).toMatchObject({ hosts: ['x', 'y'] });
    expect(await taken(`hosts=@${join(folder, 'hosts')}`)).toMatchObject({ hosts: ['x', 'y'] });
  });

  it('that cannot be read are refused, each in a sentence that names it', async () => {
    for (const [word, about] of [
      ['labels={"a"', 'parameter labels is not JSON'],
      ['labels=a', '"a" is no part of one'],
      ['hosts:=[', 'parameter hosts is not JSON'],
      ['nonsense', '"nonsense" is not a parameter'],
      ['hosts=@/nowhere', '/nowhere cannot be read'],
      ['count=3', 'hosts'],
    ] as const) {
      const { code, stderr } = await petrel('run', 'flows.take', word);
      expect([word, code, stderr]).toEqual([word, 2, expect.stringContaining(about)]);
    }
  });

  it('may be a command line', async () => {
    const { result } = await json('run', 'core.local', 'echo', 'two', 'words');
    expect(result.stdout).toBe('two words');
  });

  it('are explained, the required ones first', async () => {
    for (const words of [
      ['run', '-h', 'flows.take'],
      ['run', 'flows.take', '--help'],
    ]) {
      const { code, stdout } = await petrel(...words);
      expect(code).toBe(0);
      expect(stdout).toMatch(/Required:\nPARAMETER .*\nhosts +array +true +Where\.\n\nOptional:\n/);
      expect(stdout).not.toMatch(/^cmd/m);
    }
    expect((await petrel('run', '--help')).stdout).toContain('Usage: petrel run');
  });
});

describe('run', () => {
  it('prints one part of the result with -k, as text where it is text', async () => {
    expect((await petrel('run', 'core.local', 'cmd=echo hi', '-k', 'stdout')).stdout).toBe('hi\n');
    const missing = await petrel('run', 'core.local', 'cmd=echo hi', '-k', 'stdot');
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('has no "stdot"; it has')]);
  });

  it('knows a trace, a delay, another user and the variables of the shell', async () => {
    const tagged = await json('run', 'core.noop', '--trace-tag', 'deploy-7');
    expect(tagged.context.trace_context.trace_tag).toBe('deploy-7');
    expect(await json('trace', 'list', '--trace-tag', 'deploy-7')).toHaveLength(1);
    expect((await json('run', 'core.noop', '--delay', '1', '-u', 'bob')).context.user).toBe('bob');
    const words = ['run', 'core.local', 'cmd=echo $COLOUR-$ST2_AUTH_TOKEN', '-e', '-k', 'stdout'];
    const inherited = await runHere(words, {
      ST2_API_URL: `${house.server().url}/v1`,
      ST2_AUTH_TOKEN: house.server().token,
      COLOUR: 'red',
      PATH: '/bin:/usr/bin',
    });
    expect(inherited.stdout).toBe('red-\n');
  });

  it('tells every task of a workflow', async () => {
    const { code, stderr } = await petrel('run', 'flows.two');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^first: core\.noop {2}succeeded/m);
    expect(stderr).toMatch(/^second: core\.noop {2}succeeded/m);
  });
});

describe('lists', () => {
  it('show the attributes that are asked for, as wide as they may be', async () => {
    await petrel('run', 'core.noop');
    const { stdout } = await petrel('execution', 'list', '-n', '1', '-a', 'action.ref', 'status', '-w', '6');
    expect(stdout).toMatch(/^ACTIO… {2}STATUS\ncore\.… {2}\w+/);
    expect(await json('execution', 'list', '--last', '1', '-a', 'action.ref,status')).toEqual([
      { action: { ref: 'core.noop' }, status: 'succeeded' },
    ]);
    expect((await petrel('rule', 'list', '-y', '-p', 'flows', '-a', 'ref')).stdout).toBe('- ref: flows.filed\n');
    expect((await petrel('rule', 'get', 'flows.filed', '-a', 'ref', 'action.ref')).stdout).toBe(
      'FIELD       VALUE\nref         flows.filed\naction.ref  core.noop\n',
    );
  });

  it('are narrowed and sorted as st2 does it', async () => {
    const late = await json('execution', 'list', '-tg', '2999-01-01T00:00:00Z');
    expect(late).toEqual([]);
    const early = await json('execution', 'list', '--sort', 'asc', '--showall', '-tl', '2999-01-01T00:00:00Z');
    const times = early.map(({ start_timestamp }: { start_timestamp: string }) => start_timestamp);
    expect(times.length).toBeGreaterThan(1);
    expect(times).toEqual([...times].sort());
    expect(await json('rule', 'list', '--disabled')).toEqual([]);
    expect(await json('rule', 'list', '--enabled', '-p', 'flows')).toHaveLength(1);
    expect(await json('execution', 'list', '--status', 'canceled')).toEqual([]);
  });
});

describe('executions', () => {
  it('are shown in part, and several at one time', async () => {
    const { id } = await json('run', 'flows.two');
    const other = await json('run', 'core.local', 'cmd=echo seen');
    expect((await petrel('execution', 'get', other.id, '-k', 'stdout')).stdout).toBe('seen\n');
    expect(await json('execution', 'get', other.id, '-x')).not.toHaveProperty('result');
    const { stdout } = await petrel('execution', 'get', id, other.id, '--show-tasks');
    expect(stdout).toMatch(/^first +\w{24} +core\.noop +succeeded/m);
    expect(stdout).toContain('seen');
    expect((await petrel('execution', 'get', id, '--detail')).stdout).toMatch(/^liveaction +\{/m);
  });

  it('run again with other parameters, and are followed', async () => {
    const { id } = await json('run', 'core.local', 'cmd=exit 3');
    const again = await petrel('execution', 're-run', id, 'cmd=echo better', '-k', 'stdout');
    expect(again).toMatchObject({ code: 0, stdout: 'better\n' });
  });

  it('are canceled one after the other, whatever becomes of the first', async () => {
    const done = (await json('run', 'core.noop')).id;
    const running = (await petrel('run', 'core.local', 'cmd=sleep 60', '-a')).stdout.trim();
    const { code, stdout, stderr } = await petrel('execution', 'cancel', done, running);
    expect([code, stderr]).toEqual([1, expect.stringContaining(done)]);
    expect(stdout).toMatch(new RegExp(`Execution ${running} is cancel`));
  });
});

describe('keys', () => {
  it('are set, loaded and deleted by their beginning', async () => {
    await petrel('key', 'set', '-e', '-l', '600', 'habit.a', 'hushhush');
    await petrel('key', 'set', 'habit.b', '2');
    expect((await petrel('key', 'get', 'habit.a')).stdout).not.toContain('hushhush');
    expect((await petrel('key', 'get', '-d', 'habit.a', 'habit.b')).stdout).toBe('hushhush\n2\n');
    const gone = await petrel('key', 'delete_by_prefix', '-p', 'habit.');
    expect(gone.stdout).toBe('2 keys are deleted: habit.a, habit.b\n');
    expect(await json('key', 'list', '--prefix', 'habit.')).toEqual([]);
  });
});

describe('the rest of st2’s nouns', () => {
  it.each([
    ['runner', 'list'],
    ['runner', 'get', 'noop'],
    ['policy-type', 'list'],
    ['policy-type', 'get', 'action.concurrency'],
    ['role-assignment', 'list'],
    ['trigger', 'list'],
    ['sensor', 'list', '-p', 'flows'],
    ['pack', 'register', 'flows'],
    ['pack', 'search', 'flows'],
    ['pack', 'show', 'flows'],
    ['action-alias', 'list'],
    ['apikey', 'list'],
    ['webhook', 'list'],
    ['timer', 'list', '-ty', 'core.st2.CronTimer'],
    ['rule-enforcement', 'list', '--rule', 'flows.filed'],
    ['trigger-instance', 'list', '-tl', '2000-01-01T00:00:00Z'],
    ['inquiry', 'list'],
    ['whoami'],
  ])('%s %s ... answers', async (...words) => {
    const { code, stdout, stderr } = await petrel(...words);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toBe('');
  });

  it('make a key for machines that works, and bring those of another installation over', async () => {
    const key = (await petrel('apikey', 'create', '-k', '-m', '{"for": "bot"}')).stdout.trim();
    const env = { PETREL_URL: house.server().url };
    expect((await runHere(['whoami', '--api-key', key], env)).stdout).toContain('by:     API key');
    expect((await runHere(['whoami'], { ...env, ST2_API_KEY: key })).code).toBe(0);
    const file = join(folder, 'keys.yaml');
    writeFileSync(file, `- {user: admin, key_hash: ${'ab'.repeat(64)}, enabled: true}\n`);
    expect((await petrel('apikey', 'load', file)).stdout).toBe('1 API key is loaded.\n');
  });
});

describe('workflow inspect', () => {
  it('says what is wrong with a file, or with what the server has', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'version: 1.0\ntasks:\n  a: {action: core.noop, next: [{do: nowhere}]}\n');
    expect(await petrel('workflow', 'inspect', '--file', file)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('nowhere'),
    });
    expect(await petrel('workflow', 'inspect', '--action', 'flows.two')).toMatchObject({ code: 0 });
    expect((await petrel('workflow', 'inspect')).code).toBe(2);
  });
});

describe('who asks, and where', () => {
  it('is known from st2’s own configuration', async () => {
    const { url, token } = house.server();
    const config = join(folder, 'config');
    const env = { ST2_CONFIG_FILE: config, PETREL_DATA: '.petrel' };
    const end = Math.floor(Date.now() / 1000) + 3600;
    writeFileSync(config, `[general]\nbase_url = ${url}\n\n[credentials]\nusername = admin\n`);
    writeFileSync(join(folder, 'token-admin'), JSON.stringify({ token, expire_timestamp: end }));
    expect(await runHere(['whoami'], env)).toMatchObject({ code: 0, stdout: expect.stringContaining('admin') });
    expect(await runHere(['whoami'], { ...env, ST2_CLI_SKIP_CONFIG: '1' })).toMatchObject({ code: 3 });
    writeFileSync(join(folder, 'token-admin'), JSON.stringify({ token, expire_timestamp: 1 }));
    expect(await runHere(['whoami'], env)).toMatchObject({ code: 3, stderr: expect.stringContaining('petrel login') });
  });

  it('signs in with a password that is kept, when the token has ended', async () => {
    const { url, token } = house.server();
    await house.ask('POST', '/users', { name: 'ann', password: 'correct horse' });
    const admin = { PETREL_URL: url, PETREL_TOKEN: token };
    const only = await runHere(['auth', 'ann', '-p', 'correct horse', '-t'], admin);
    expect(only).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
    const file = join(folder, 'login');
    const env = { PETREL_CONFIG: file };
    const words = ['login', 'ann', '-p', 'correct horse', '-w', '-l', '600', '--url', url];
    expect((await runHere(words, env)).code).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/expiry = .*/, 'expiry = 2000-01-01T00:00:00Z'));
    expect((await runHere(['whoami'], env)).stdout).toContain('user:   ann');
    expect(readFileSync(file, 'utf8')).not.toContain('expiry = 2000');
  });
});

describe('what goes wrong', () => {
  it.each([
    [['exeution', 'list'], 2, /unknown command 'exeution' \(Did you mean execution\?\)/],
    [['execution', 'lst'], 2, /unknown command 'lst' \(Did you mean list\?\)/],
    [['rule', 'list', '--pak', 'x'], 2, /unknown option '--pak' \(Did you mean --pack\?\)/],
    [['run'], 2, /name the action/],
    [['execution', 'get', '000000000000000000000000'], 1, /not found/],
    [['run', 'core.nothing'], 2, /core\.nothing/],
    [['execution', 'list', '--status', 'gone'], 2, /no execution status "gone"/],
    [['rule', 'list', '--url', 'nonsense'], 2, /"nonsense.*" is no address/],
    [['rule', 'list', '--url', 'http://127.0.0.1:9'], 3, /http:\/\/127\.0\.0\.1:9 does not answer/],
    [['rule', 'list', '--token', 'wrong'], 3, /./],
  ] as const)('%j is told in one sentence, with exit code %i', async (words, expected, about) => {
    const people = await petrel(...words);
    expect([people.code, people.stdout]).toEqual([expected, '']);
    expect(people.stderr).toMatch(/^petrel: .*\n$/);
    expect(people.stderr).toMatch(about);
    const machines = await petrel(...words, '--json');
    expect(machines.code).toBe(expected);
    expect(JSON.parse(machines.stderr).error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  });
});
