import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PETREL, type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';

const HELLO = resolve(import.meta.dirname, '../../examples');
let directory: string;
let server: PetrelProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-cli-'));
  const pack = join(directory, 'packs', 'flows');
  await mkdir(join(pack, 'actions', 'workflows'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: flows\ndescription: flows\nversion: 1.0.0\nauthor: test\n');
  await writeFile(
    join(pack, 'actions', 'steps.yaml'),
    'name: steps\nrunner_type: orquesta\nentry_point: workflows/steps.yaml\n',
  );
  await writeFile(
    join(pack, 'actions', 'workflows', 'steps.yaml'),
    `version: 1.0
tasks:
  wait:
    action: core.local cmd="until [ -e ${directory}/sign ]; do sleep 0.02; done"
    next: [{when: <% succeeded() %>, do: read}]
  read:
    action: core.local cmd="cat ${directory}/letter"
`,
  );
  await mkdir(join(pack, 'policies'), { recursive: true });
  await writeFile(
    join(pack, 'policies', 'few.yaml'),
    'name: few\nresource_ref: flows.outer\npolicy_type: action.concurrency\nparameters: {threshold: 9}\n',
  );
  await writeFile(
    join(pack, 'actions', 'outer.yaml'),
    'name: outer\nrunner_type: action-chain\nentry_point: workflows/outer.yaml\n',
  );
  await writeFile(
    join(pack, 'actions', 'workflows', 'outer.yaml'),
    `chain:
  - {name: first, ref: core.noop, publish: {password: hushhush}, on-success: inner}
  - {name: inner, ref: flows.inner}
`,
  );
  await writeFile(
    join(pack, 'actions', 'inner.yaml'),
    'name: inner\nrunner_type: orquesta\nentry_point: workflows/inner.yaml\n',
  );
  await writeFile(
    join(pack, 'actions', 'workflows', 'inner.yaml'),
    `version: 1.0
tasks:
  each:
    with: name in <% [a, b] %>
    action: core.noop
`,
  );
  server = await startPetrelProcess(['--data', directory, '--packs', HELLO, '--packs', join(directory, 'packs')]);
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function petrel(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, PETREL_DATA: directory };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PETREL, ...args], { env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ran; // execFile rejects with these
    return { code, stdout, stderr };
  }
}

describe('help and wrong use', () => {
  it.each([[], ['execution'], ['key', 'set'], ['demo']])('explains %s', async (...words) => {
    const { code, stdout } = await petrel(...words, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: petrel');
  });

  it('says what it does not know', async () => {
    const { code, stderr } = await petrel('exeution');
    expect(code).toBe(2);
    expect(stderr).toContain("unknown command 'exeution'");
    expect(stderr).toContain('Did you mean execution?');
  });

  it('says how to start a server where there is none', async () => {
    const { code, stderr } = await petrel('--data', join(directory, 'nothing'), 'execution', 'list');
    expect(code).toBe(3);
    expect(stderr).toContain('petrel start');
  });

  it('refuses a second server on the same data directory', async () => {
    const { code, stderr } = await petrel('start', '--port', '0');
    expect(code).toBe(1);
    expect(stderr).toContain(directory);
    expect(stderr).toContain('--data');
  });
});

describe('run and execution', () => {
  it('runs an action and prints its end', async () => {
    const { code, stdout } = await petrel('run', 'hello.greet', 'name=Ann');
    expect(code).toBe(0);
    expect(stdout).toContain('status:     succeeded');
    expect(stdout).toContain('Hello, Ann!');
  });

  it('shows actions, and what one takes', async () => {
    const listed = (await petrel('action', 'list', '--pack', 'core')).stdout;
    expect(listed).toMatch(/^core\.local +local-shell-cmd /m);
    expect(listed).not.toContain('flows.');
    expect((await petrel('action', 'list', '-n', '2', '--json')).stdout.match(/"ref"/g)).toHaveLength(2);
    const one = (await petrel('action', 'get', 'kubernetes.get')).stdout;
    expect(one).toMatch(/^runner_type +typescript-script$/m);
    expect(one).toMatch(/^kind +string +true +The kind, e\.g\. ConfigMap or MysqlDb\.$/m);
    expect(await petrel('action', 'get', 'core.nothing')).toMatchObject({ code: 1 });
  });

  it('exits with 1 when the action failed, with 2 when it was asked wrongly', async () => {
    expect((await petrel('run', 'core.local', 'cmd=exit 3')).code).toBe(1);
    const wrong = await petrel('run', 'hello.greet', 'name=Ann', 'nom=Ann');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('nom');
  });

  it('lists, gets and shows output, for people and for machines', async () => {
    const { stdout } = await petrel('run', 'core.local', 'cmd=echo seen', '--json');
    const { id } = JSON.parse(stdout);
    expect((await petrel('execution', 'list')).stdout).toMatch(/^ID +ACTION +STATUS/);
    expect(JSON.parse((await petrel('execution', 'list', '--json', '--action', 'core.local')).stdout)[0]).toMatchObject(
      { id },
    );
    expect((await petrel('execution', 'get', id)).stdout).toContain('core.local');
    expect((await petrel('execution', 'output', id)).stdout).toBe('seen\n');
    const gone = await petrel('execution', 'get', '000000000000000000000000');
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain('not found');
  });

  it('cancels', async () => {
    const { stdout } = await petrel('run', 'core.local', 'cmd=sleep 60', '--async');
    expect((await petrel('execution', 'cancel', stdout.trim())).code).toBe(0);
    const { status } = JSON.parse((await petrel('execution', 'get', stdout.trim(), '--json')).stdout);
    expect(['canceling', 'canceled']).toContain(status);
  });
});

describe('execution pause, resume and rerun', () => {
  const status = async (id: string) => JSON.parse((await petrel('execution', 'get', id, '--json')).stdout).status;
  const reached = async (id: string, wanted: string) => {
    while ((await status(id)) !== wanted);
  };

  it('stop a workflow, let it go on, and run its failed task again', async () => {
    const id = (await petrel('run', 'flows.steps', '--async')).stdout.trim();
    await reached(id, 'running');
    expect((await petrel('execution', 'pause', id)).stdout).toBe(`Execution ${id} is pausing.\n`);
    await writeFile(join(directory, 'sign'), '');
    await reached(id, 'paused');
    // It may have failed by the time it is looked at.
    expect((await petrel('execution', 'resume', id)).stdout).toMatch(/^Execution \w+ is (?:running|failed)\.\n$/);
    await reached(id, 'failed');
    await writeFile(join(directory, 'letter'), 'dear');
    const again = await petrel('execution', 'rerun', id, '--tasks', 'read', '--async');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{24}\n$/) });
    await reached(again.stdout.trim(), 'succeeded');
    expect((await petrel('execution', 'get', again.stdout.trim())).stdout).not.toContain('wait ');
    const whole = await petrel('execution', 're-run', again.stdout.trim(), '--json');
    expect(JSON.parse(whole.stdout)).toMatchObject({ context: { 're-run': { ref: again.stdout.trim() } } });
  });

  it('say what cannot be done, and what can', async () => {
    const { stdout } = await petrel('run', 'core.noop', '--async');
    const paused = await petrel('execution', 'pause', stdout.trim());
    expect(paused).toMatchObject({ code: 2, stderr: expect.stringContaining('petrel execution cancel') });
    const rerun = await petrel('execution', 'rerun', stdout.trim(), '--tasks', 'a');
    expect(rerun).toMatchObject({ code: 2, stderr: expect.stringContaining('no Orquesta workflow') });
  });
});

describe('execution tree and history', () => {
  it('show what a workflow started, and what happened to it', async () => {
    const { id } = JSON.parse((await petrel('run', 'flows.outer', '--json')).stdout);
    const tree = await petrel('execution', 'tree', id);
    expect(tree.stdout.replaceAll(/\d+\.\d+ s {2}[0-9a-f]{24}/g, '* s')).toBe(`flows.outer  succeeded  * s
├─ first: core.noop  succeeded  * s
└─ inner: flows.inner  succeeded  * s
   ├─ each: core.noop  succeeded  * s
   └─ each: core.noop  succeeded  * s
`);
    const nested = JSON.parse((await petrel('execution', 'tree', id, '--json')).stdout);
    expect(nested.children[1].children).toHaveLength(2);

    const story = await petrel('execution', 'history', id);
    expect(story.stdout.split('\n').map((line) => line.replace(/^\S+ +\S+ \S+ +/, ''))).toEqual([
      '#  TIME                     EVENT',
      'starts',
      'requests first',
      'first succeeded; publishes password',
      'requests inner',
      'inner succeeded',
      'workflow succeeded',
      '',
    ]);
    const inner = await petrel('execution', 'history', nested.children[1].id, '--json');
    expect(JSON.parse(inner.stdout)).toMatchObject([{ sequence: 0, event: 'starts' }, {}, {}, {}]);
  });

  it('say when there is no journal, and when there is no execution', async () => {
    const { stdout } = await petrel('run', 'core.noop', '--async');
    expect((await petrel('execution', 'history', stdout.trim())).stdout).toContain('is no workflow');
    expect((await petrel('execution', 'tree', stdout.trim())).stdout).toMatch(/^core.noop {2}\w+ {2}/);
    expect(await petrel('execution', 'tree', '000000000000000000000000')).toMatchObject({ code: 1 });
  });
});

describe('trigger and rule', () => {
  it('dispatches an event that a rule answers', async () => {
    const parameters = '{"url": "hello"}';
    const { code, stdout } = await petrel(
      'trigger',
      'dispatch',
      'core.st2.webhook',
      '--parameters',
      parameters,
      '--payload',
      '{"headers": {}, "body": {"name": "Bob"}}',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/Trigger instance [0-9a-f]{24}/);
  });

  it('tests a rule without a server', async () => {
    const rule = ['rule', 'test', 'hello.on_webhook', '--packs', HELLO];
    const matching = await petrel('--data', '/nonexistent', ...rule, '--payload', '{"body": {"name": "Ann"}}');
    expect(matching.code).toBe(0);
    expect(matching.stdout).toContain('hello.greet');
    expect(matching.stdout).toContain('"Ann"');
    expect((await petrel(...rule, '--payload', '{"body": {}}')).code).toBe(1);
    expect((await petrel(...rule, '--payload', 'nonsense')).code).toBe(2);
  });
});

describe('pack', () => {
  it('lints clean packs, and names file, line and column of what is wrong', async () => {
    expect((await petrel('pack', 'lint', join(HELLO, 'hello'))).code).toBe(0);
    const broken = join(directory, 'broken');
    await mkdir(join(broken, 'rules'), { recursive: true });
    await writeFile(join(broken, 'pack.yaml'), 'name: broken\ndescription: x\nversion: 1.0.0\nauthor: x\n');
    await writeFile(join(broken, 'rules', 'bad.yaml'), 'name: bad\nenabled: true\ntriger: {type: core.st2.webhook}\n');
    const { code, stdout } = await petrel('pack', 'lint', broken);
    expect(code).toBe(1);
    expect(stdout).toMatch(/rules\/bad\.yaml:3:1: error: .*triger/);
  });
});

describe('key', () => {
  it('sets, gets, lists and deletes', async () => {
    expect((await petrel('key', 'set', 'a.b', 'c')).code).toBe(0);
    expect((await petrel('key', 'get', 'a.b')).stdout).toBe('c\n');
    expect((await petrel('key', 'list', '--prefix', 'a.')).stdout).toContain('a.b');
    expect((await petrel('key', 'delete', 'a.b')).code).toBe(0);
    expect((await petrel('key', 'get', 'a.b')).code).toBe(1);
  });

  it('hides a secret until it is asked to decrypt', async () => {
    await petrel('key', 'set', 'password', 'correct-horse', '--secret');
    expect((await petrel('key', 'get', 'password')).stdout).not.toContain('correct-horse');
    expect((await petrel('key', 'get', 'password', '--decrypt')).stdout).toBe('correct-horse\n');
  });
});

describe('policy', () => {
  it('lists policies, and shows one', async () => {
    const { stdout } = await petrel('policy', 'list');
    expect(stdout).toMatch(
      /^REF +ENABLED +TYPE +ACTION +PARAMETERS\nflows\.few +true +action\.concurrency +flows\.outer /,
    );
    expect((await petrel('policy', 'get', 'flows.few')).stdout).toMatch(
      /^parameters +\{"threshold":9,"action":"delay"\}$/m,
    );
    expect(JSON.parse((await petrel('policy', 'get', 'flows.few', '--json')).stdout)).toMatchObject({ enabled: true });
    expect((await petrel('policy', 'get', 'flows.none')).code).toBe(1);
  });
});
