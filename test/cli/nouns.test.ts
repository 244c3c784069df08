import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';
import { write } from '../packs/support.ts';
import { begin } from './support.ts';

let directory: string;
let server: PetrelProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-nouns-'));
  write(join(directory, 'packs'), {
    'flows/pack.yaml': 'name: flows\ndescription: x\nversion: 1.0.0\nauthor: x\n',
    'flows/rules/filed.yaml':
      'name: filed\ntrigger: {type: core.st2.webhook, parameters: {url: filed}}\naction: {ref: core.noop}\nenabled: true\n',
    'flows/policies/few.yaml':
      'name: few\nresource_ref: core.noop\npolicy_type: action.concurrency\nparameters: {threshold: 9}\n',
    'flows/actions/two.yaml': 'name: two\nrunner_type: orquesta\nentry_point: workflows/two.yaml\n',
    'flows/actions/workflows/two.yaml': `version: 1.0
tasks:
  first:
    action: core.local cmd="echo printed first"
    next: [{when: <% succeeded() %>, do: second}]
  second:
    action: core.local cmd="echo printed second; sleep 0.3"
`,
  });
  server = await startPetrelProcess(['--data', directory, '--packs', join(directory, 'packs')]);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const petrel = (...args: readonly string[]) => begin(directory, args).ended;
const json = async (...args: readonly string[]) => JSON.parse((await petrel(...args, '--json')).stdout);

describe('rules', () => {
  it('are made, read, replaced, switched and deleted', async () => {
    const file = join(directory, 'rule.yaml');
    const text = (action: string) =>
      `name: mine\npack: default\ntrigger: {type: core.st2.webhook, parameters: {url: mine}}\naction: {ref: ${action}}\nenabled: true\n`;
    await writeFile(file, text('core.noop'));
    expect((await petrel('rule', 'create', file)).stdout).toBe('default.mine is made.\n');
    expect((await petrel('rule', 'list', '--pack', 'default')).stdout).toMatch(
      /^default\.mine +true +core\.st2\.webhook +core\.noop$/m,
    );
    const again = await petrel('rule', 'create', file);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('mine')]);

    const replaced = begin(directory, ['rule', 'update', 'default.mine', '-'], text('core.local'));
    expect((await replaced.ended).stdout).toBe('default.mine is replaced.\n');
    expect((await json('rule', 'get', 'default.mine')).action.ref).toBe('core.local');

    expect((await petrel('rule', 'disable', 'default.mine')).stdout).toBe('default.mine is disabled now.\n');
    expect((await json('rule', 'get', 'default.mine')).enabled).toBe(false);
    expect((await petrel('rule', 'delete', 'default.mine')).code).toBe(0);
    expect((await petrel('rule', 'get', 'default.mine')).code).toBe(1);
  });

  it('of a file are switched, and not replaced', async () => {
    expect((await petrel('rule', 'disable', 'flows.filed')).code).toBe(0);
    expect((await json('rule', 'get', 'flows.filed')).enabled).toBe(false);
    expect((await petrel('rule', 'enable', 'flows.filed')).code).toBe(0);
    expect((await json('rule', 'get', 'flows.filed')).enabled).toBe(true);
    expect((await petrel('rule', 'delete', 'flows.filed')).code).toBe(1);
  });

  it('are refused where the file is wrong, with its name', async () => {
    const file = join(directory, 'bad.yaml');
    await writeFile(file, 'name: [\n');
    for (const [name, about] of [
      [file, 'neither YAML nor JSON'],
      [join(directory, 'absent.yaml'), 'cannot be read'],
    ]) {
      const { code, stderr } = await petrel('rule', 'create', String(name));
      expect(code).toBe(2);
      expect(stderr).toContain(String(name));
      expect(stderr).toContain(String(about));
    }
  });
});

describe('what happened', () => {
  it('is followed from an event to the execution, and emitted again', async () => {
    const event = await json(
      'trigger',
      'dispatch',
      'core.st2.webhook',
      '--parameters',
      '{"url": "filed"}',
      '--payload',
      '{"a": 1}',
    );
    const id = String(event.trigger_instance);
    const enforcement = async () => (await json('rule-enforcement', 'list', '--trigger-instance', id))[0];
    await expect.poll(enforcement, { timeout: 10_000 }).toMatchObject({ rule: { ref: 'flows.filed' } });
    const { id: enforced, execution_id: execution } = await enforcement();
    expect((await petrel('rule-enforcement', 'get', enforced)).stdout).toContain(execution);
    expect((await petrel('rule-enforcement', 'list', '--rule-ref', 'flows.filed')).stdout).toContain(execution);
    expect((await petrel('trigger-instance', 'get', id)).stdout).toMatch(/^payload +\{"a":1\}$/m);
    expect((await json('trace', 'get', execution)).trigger_instances[0].object_id).toBe(id);
    expect(await json('trace', 'list', '--execution', execution)).toHaveLength(1);

    expect((await petrel('trigger-instance', 're-emit', id)).stdout).toContain(id);
    const list = async () => (await json('trigger-instance', 'list', '--trigger-type', 'core.st2.webhook')).length;
    await expect.poll(list, { timeout: 10_000 }).toBe(2);
    expect((await petrel('trigger', 'list', '--pack', 'core')).stdout).toContain('core.st2.webhook');
    expect((await petrel('trigger', 'get', 'core.st2.webhook')).stdout).toContain('payload_schema');
    expect((await petrel('webhook', 'list')).stdout).toContain('filed');
    expect((await petrel('webhook', 'get', 'filed')).stdout).toContain('core.st2.webhook');
  });

  it('is set off by timers, which are shown', async () => {
    const rule =
      'name: tick\ntrigger: {type: core.st2.CronTimer, parameters: {hour: 3}}\naction: {ref: core.noop}\nenabled: true\n';
    await begin(directory, ['rule', 'create', '-'], rule).ended;
    const find = () => json('timer', 'list', '--timer-type', 'core.st2.CronTimer');
    await expect.poll(find, { timeout: 10_000 }).toMatchObject([{ parameters: { hour: 3 } }]);
    const timers = await find();
    expect((await petrel('timer', 'get', timers[0].ref)).stdout).toContain('"hour":3');
    expect(await json('timer', 'list', '--timer-type', 'core.st2.IntervalTimer')).toEqual([]);
  });
});

describe('policies and actions', () => {
  it('of a file are switched off and on', async () => {
    await petrel('policy', 'disable', 'flows.few');
    expect((await json('policy', 'get', 'flows.few')).enabled).toBe(false);
    await petrel('policy', 'enable', 'flows.few');
    expect(await json('policy', 'list', '--resource-ref', 'core.noop')).toMatchObject([{ enabled: true }]);
  });

  it('that are made are run', async () => {
    await begin(directory, ['action', 'create', '-'], '{"name": "made", "pack": "default", "runner_type": "noop"}')
      .ended;
    const { stdout } = await petrel('action', 'execute', 'default.made');
    await expect.poll(async () => (await json('execution', 'get', stdout.trim())).status).toBe('succeeded');
    expect((await petrel('action', 'delete', 'default.made')).code).toBe(0);
  });
});

describe('keys', () => {
  it('are loaded from a file, encrypted and with a term where it says so', async () => {
    const keys = [
      { name: 'load.a', value: 'plain' },
      { name: 'load.b', value: 'hushhush', secret: true, ttl: 600 },
      { name: 'load.c', value: { port: 1 } },
    ];
    const file = join(directory, 'keys.json');
    await writeFile(file, JSON.stringify(keys));
    const refused = await petrel('key', 'load', file);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('load.c')]);
    expect(await json('key', 'list', '--prefix', 'load.')).toEqual([]);

    expect((await petrel('key', 'load', file, '--convert')).stdout).toBe('3 keys are set.\n');
    const listed = await petrel('key', 'list', '--prefix', 'load.');
    expect(listed.stdout).not.toContain('hushhush');
    expect(await json('key', 'get', 'load.b', '--decrypt')).toMatchObject({
      value: 'hushhush',
      expire_timestamp: expect.any(String),
    });
    expect((await petrel('key', 'get', 'load.c')).stdout).toBe('{"port":1}\n');
    await petrel('key', 'set', 'load.d', 'hushhush', '--encrypt');
    expect((await petrel('key', 'get', 'load.d')).stdout).not.toContain('hushhush');
  });
});

describe('run', () => {
  it('says by its exit code how the execution ended', async () => {
    expect((await petrel('run', 'core.noop')).code).toBe(0);
    expect((await petrel('run', 'core.local', 'cmd=false')).code).toBe(1);
    expect((await petrel('run', 'core.local', 'cmd=sleep 9', 'timeout=1')).code).toBe(124);
  });

  it('takes its parameters from a file, and what is said behind it wins', async () => {
    const file = join(directory, 'parameters.yaml');
    await writeFile(file, 'cmd: echo $WORD\nenv: {WORD: from the file}\n');
    expect((await petrel('run', 'core.local', `@${file}`)).stdout).toContain('from the file');
    expect((await petrel('run', 'core.local', `@${file}`, 'env:={"WORD": "said"}')).stdout).toContain('"said"');
  });

  it('shows in plain lines how the tasks of a workflow stand, where there is no terminal', async () => {
    const { code, stdout, stderr } = await petrel('run', 'flows.two', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).status).toBe('succeeded');
    expect(stderr).toMatch(/^first: core\.local {2}succeeded/m);
    expect(stderr).toMatch(/^second: core\.local {2}succeeded/m);
  });

  it('shows what is printed with --tail, and so does execution tail, of each task once', async () => {
    const { stdout } = await petrel('run', 'flows.two', '--tail');
    // Tasks that run at one time are read at one time.
    expect(stdout.split('\n').slice(0, 2).sort()).toEqual(['printed first', 'printed second']);
    const tailed = await petrel('execution', 'tail', (await json('execution', 'list', '--action', 'flows.two'))[0].id);
    expect(tailed.stdout).toBe('printed first\nprinted second\n');
    expect(tailed.stderr).toMatch(/^first: .*\nsecond: /);
  });

  it('cancels at Ctrl-C', async () => {
    const { id, running } = await runSlow();
    running.interrupt();
    expect((await running.ended).code).toBe(130);
    expect((await json('execution', 'get', id)).status).toBe('canceled');
  });

  it('says that an execution that has ended cannot be canceled', async () => {
    const { id } = await json('run', 'core.noop');
    const { code, stderr } = await petrel('execution', 'cancel', id);
    expect([code, stderr]).toEqual([1, expect.stringContaining(id)]);
  });

  it('runs the same again', async () => {
    const { id } = await json('run', 'core.noop');
    const again = (await petrel('execution', 're-run', id, '-a')).stdout.trim();
    expect(again).toMatch(/^[0-9a-f]{24}$/);
    expect(again).not.toBe(id);
  });

  async function runSlow() {
    const running = begin(directory, ['run', 'core.local', 'cmd=sleep 30']);
    const find = async () => (await json('execution', 'list', '--action', 'core.local', '--status', 'running'))[0]?.id;
    await expect.poll(find, { timeout: 10_000 }).toBeDefined();
    return { running, id: String(await find()) };
  }
});
