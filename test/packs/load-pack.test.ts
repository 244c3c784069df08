import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type LoadedPack, loadPack } from '../../src/packs/index.ts';
import { OPERATOR_NAMES } from '../../src/rules/index.ts';
import {
  newModules,
  PACK_YAML,
  RUNNERS,
  removeTemporaryFolders,
  temporaryFolder,
  trialPack,
  write,
} from './support.ts';

afterAll(removeTemporaryFolders);

const FIXTURES = join(import.meta.dirname, 'fixtures');
const GOOD = join(FIXTURES, 'good');
const modules = newModules();
const runners = new Map(RUNNERS.map((runner) => [runner.name, runner]));

async function load(directory: string, configDirectory?: string): Promise<LoadedPack> {
  const pack = await loadPack(directory, {
    modules,
    runners,
    ...(configDirectory === undefined ? {} : { configDirectory }),
  });
  if (pack.kind === 'refused') throw new Error(pack.problems.map(({ message }) => message).join('\n'));
  return pack;
}

describe('a good pack', () => {
  const loading = load(GOOD, join(FIXTURES, 'configs'));

  it('has nothing to complain of but a rule that does not say it is enabled', async () => {
    const { content } = await loading;
    expect(content.problems.map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', 'The rule "quiet" does not say "enabled: true", so it is disabled.'],
    ]);
  });

  it('has a manifest, its version read as written and filled up to three parts', async () => {
    expect((await loading).content.manifest).toEqual({
      ref: 'good',
      name: 'A good pack',
      description: 'Holds one of everything.',
      version: '1.10.0',
      author: 'Somebody',
      email: 'somebody@example.com',
      keywords: ['example'],
      path: GOOD,
    });
  });

  it('has its actions: those of metadata files, then those of modules', async () => {
    const { content } = await loading;
    expect(content.actions.map(({ ref, runnerType, metadataFile }) => [ref, runnerType, metadataFile])).toEqual([
      ['good.flow', 'action-chain', 'actions/flow.json'],
      ['good.list', 'local-shell-script', 'actions/list.yaml'],
      ['good.greet', 'typescript-script', 'actions/greet.ts'],
    ]);
  });

  it('reads all that a metadata file says', async () => {
    const { content } = await loading;
    expect(content.actions.find(({ name }) => name === 'list')).toEqual({
      ref: 'good.list',
      pack: 'good',
      name: 'list',
      description: 'Lists a folder.',
      enabled: true,
      runnerType: 'local-shell-script',
      entryPoint: 'list.sh',
      entryPath: join(GOOD, 'actions/list.sh'),
      parameters: {
        folder: { type: 'string', required: true, position: 0 },
        all: { type: 'boolean', default: false },
        timeout: { default: 5 },
      },
      tags: [{ name: 'kind', value: 'shell' }],
      notify: { 'on-failure': { message: 'It failed.', routes: ['ops'] } },
      concurrencyKey: '{{ folder }}',
      retry: { count: 2, delay: 0.5, maxDelay: 60 },
      metadataFile: 'actions/list.yaml',
    });
  });

  it('reads all that a module says', async () => {
    const { content } = await loading;
    expect(content.actions.find(({ name }) => name === 'greet')).toEqual({
      ref: 'good.greet',
      pack: 'good',
      name: 'greet',
      description: 'Greets.',
      enabled: true,
      runnerType: 'typescript-script',
      entryPoint: 'greet.ts',
      entryPath: join(GOOD, 'actions/greet.ts'),
      parameters: {
        name: { type: 'string', description: 'Whom to greet.', required: true },
        times: { type: 'integer', minimum: 1, default: 1 },
        password: { type: 'string', secret: true },
      },
      outputSchema: {
        type: 'object',
        properties: {
          text: { type: 'string', required: true },
          token: { type: 'string', secret: true, required: true },
        },
      },
      concurrencyKey: '{{ name }}',
      retry: { count: 3, delay: 2, maxDelay: 60 },
      metadataFile: 'actions/greet.ts',
    });
  });

  it("has its trigger types, a sensor's among them", async () => {
    const { content } = await loading;
    expect(content.triggerTypes.map(({ ref, metadataFile }) => [ref, metadataFile])).toEqual([
      ['good.pushed', 'triggers/pushed.yml'],
      ['good.seen', 'sensors/watcher.yaml'],
    ]);
    expect(content.sensors).toMatchObject([
      { ref: 'good.Watcher', pollInterval: 30, triggerTypes: ['good.seen'], enabled: true },
    ]);
  });

  it('has its rules, enabled only where they say so', async () => {
    const { content } = await loading;
    expect(content.rules.map(({ ref, enabled, type }) => [ref, enabled, type])).toEqual([
      ['good.on_push', true, 'standard'],
      ['good.quiet', false, 'backstop'],
    ]);
    expect(Object.keys(content.rules[0]?.criteria ?? {})).toEqual([
      'trigger.commit',
      'trigger.commit#again',
      'trigger.files',
    ]);
  });

  it('has its configuration, with the defaults of the schema', async () => {
    expect((await loading).content.config).toEqual({
      address: 'http://localhost:8500',
      region: 'eu',
      token: '{{ st2kv.system.good_token }}',
      limits: { retries: 3, names: [] },
    });
  });

  it('runs on defaults where nobody configured it', async () => {
    expect((await load(GOOD)).content.config).toEqual({
      address: 'http://localhost:8500',
      limits: { retries: 3, names: [] },
    });
  });
});

describe('the reference of a pack', () => {
  it.each([
    ['its folder', 'some_pack', 'name: Some Pack\n', 'some_pack'],
    ['its name where the folder does not fit', 'st2-some', 'name: some\n', 'some'],
    ['what it says', 'folder', 'name: some\nref: other_ref\n', 'other_ref'],
  ])('is %s', async (_, folder, text, expected) => {
    const base = temporaryFolder();
    write(base, { [`${folder}/pack.yaml`]: `${text}description: x\nversion: 1.0.0\nauthor: x\n` });
    expect((await load(join(base, folder))).content.manifest.ref).toBe(expected);
  });
});

describe('criteria', () => {
  it.each(OPERATOR_NAMES)('may use the operator %s', async (operator) => {
    const criterion = `{type: ${operator}, pattern: {}, condition: any}`;
    const folder = trialPack({
      'rules/r.yaml': `name: r\nenabled: true\ntrigger: {type: a.b}\naction: {ref: a.b}\ncriteria: {trigger.x: ${criterion}}\n`,
    });
    expect((await load(folder)).content.problems).toEqual([]);
  });
});

describe('files that are not actions', () => {
  it('are left alone: scripts of other runners, tests, declarations, folders below', async () => {
    const explode = 'throw new Error("this must not be loaded");\n';
    const folder = trialPack({
      'actions/script.js': explode,
      'actions/run.yaml': 'name: run\nrunner_type: local-shell-script\nentry_point: script.js\n',
      'actions/act.test.ts': `// defineAction\n${explode}`,
      'actions/act.d.ts': `// defineAction\n${explode}`,
      'actions/helper.mjs': explode,
      'actions/deeper/act.yaml': 'name: [',
      'actions/.hidden.yaml': 'name: [',
    });
    const { content } = await load(folder);
    expect(content.problems).toEqual([]);
    expect(content.actions.map(({ ref }) => ref)).toEqual(['trial.run']);
  });
});

describe('a metadata file of a module', () => {
  it('wins over what the module says', async () => {
    const folder = trialPack({
      'actions/greet.ts':
        'import { defineAction, z } from "petrel/sdk";\nexport default defineAction({ description: "a", input: z.object({ n: z.string(), m: z.string() }), run: async () => 1 });\n',
      'actions/hello.yaml':
        'name: hello\nrunner_type: typescript-script\nentry_point: greet.ts\nparameters: {n: {default: x, immutable: true}}\n',
    });
    const { content } = await load(folder);
    expect(content.actions).toMatchObject([
      {
        ref: 'trial.hello',
        description: 'a',
        parameters: { n: { type: 'string', default: 'x', immutable: true }, m: { type: 'string', required: true } },
      },
    ]);
  });
});

describe('a workflow written in TypeScript', () => {
  const flow =
    'import { defineWorkflow, z } from "petrel/sdk";\nexport default defineWorkflow({ description: "f", input: z.object({ n: z.string() }), output: z.object({ m: z.int() }), run: async () => ({ m: 1 }) });\n';

  it('is an action of its own file', async () => {
    const { content } = await load(trialPack({ 'actions/flow.ts': flow }));
    expect(content.problems).toEqual([]);
    expect(content.actions).toMatchObject([
      {
        ref: 'trial.flow',
        runnerType: 'typescript-workflow',
        description: 'f',
        entryPoint: 'flow.ts',
        parameters: { n: { type: 'string', required: true } },
        outputSchema: { type: 'object', properties: { m: { type: 'integer', required: true } } },
      },
    ]);
  });

  it('may have a metadata file', async () => {
    const folder = trialPack({
      'actions/lib/flow.ts': flow,
      'actions/flow.yaml':
        'name: flow\nrunner_type: typescript-workflow\nentry_point: lib/flow.ts\nparameters: {n: {default: x}}\n',
    });
    const { content } = await load(folder);
    expect(content.actions).toMatchObject([
      { ref: 'trial.flow', description: 'f', parameters: { n: { type: 'string', default: 'x' } } },
    ]);
  });
});

describe('a pack whose files are wrong', () => {
  it('loads without them', async () => {
    const folder = trialPack({
      'actions/bad.yaml': 'name: [',
      'actions/good.yaml': 'name: good\nrunner_type: noop\n',
      'rules/bad.yaml': '',
    });
    const { content, refusedFiles } = await load(folder);
    expect(content.actions.map(({ ref }) => ref)).toEqual(['trial.good']);
    expect([...refusedFiles]).toEqual(['actions/bad.yaml', 'rules/bad.yaml']);
  });

  it('never throws, whatever bytes are in them', async () => {
    const folder = trialPack();
    const names = fc.constantFrom(
      'pack.yaml',
      'config.schema.yaml',
      'actions/a.yaml',
      'actions/a.json',
      'actions/flow.yaml',
      'rules/a.yaml',
      'triggers/a.yaml',
      'sensors/a.yaml',
    );
    const keys = fc.constantFrom(
      'name',
      'runner_type',
      'parameters',
      'trigger',
      'action',
      'criteria',
      'chain',
      'type',
      'trigger_types',
      '__proto__',
      'retry',
      'default',
      'ref',
    );
    const documents = fc.dictionary(keys, fc.jsonValue(), { maxKeys: 6 }).map((value) => JSON.stringify(value));
    const contents = fc.oneof(fc.uint8Array({ maxLength: 60 }), documents);
    const chain = { 'actions/chain.yaml': 'name: chain\nrunner_type: action-chain\nentry_point: flow.yaml\n' };
    await fc.assert(
      fc.asyncProperty(names, contents, async (name, content) => {
        write(folder, { 'pack.yaml': PACK_YAML, ...chain, 'actions/flow.yaml': 'chain: []', [name]: content });
        const pack = await loadPack(folder, { modules, runners, configDirectory: folder });
        const problems = pack.kind === 'refused' ? pack.problems : pack.content.problems;
        for (const problem of problems) {
          expect(problem.line).toBeGreaterThan(0);
          expect(problem.column).toBeGreaterThan(0);
          expect(problem.message).toMatch(/[.!?]$/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
