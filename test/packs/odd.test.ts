import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileFormat } from '../../src/aliases/index.ts';
import { formatProblem, lintPack, loadPack, type RefusedPack } from '../../src/packs/index.ts';
import { createRunners } from '../../src/runners/index.ts';
import { inspectWorkflow } from '../../src/workflows/index.ts';
import { type Files, newModules, removeTemporaryFolders, temporaryFolder, trialPack } from './support.ts';

afterAll(removeTemporaryFolders);

const FIXTURES = join(import.meta.dirname, 'fixtures');
const SHIPPED = join(import.meta.dirname, '../../packs');
const modules = newModules();
// Workflow languages are no runners.
const workflows = ['action-chain', 'orquesta', 'typescript-workflow'].map((name) => ({ name, parameters: {} }));
const runners = [...createRunners({ ...modules, version: '0' }).values(), ...workflows];

async function complaintsOf(folder: string): Promise<string[]> {
  const others = [join(SHIPPED, 'core')];
  const problems = await lintPack(folder, {
    modules,
    runners,
    others,
    checkAliasFormat: compileFormat,
    inspectWorkflow,
  });
  return problems.map((problem) => formatProblem(problem, folder));
}

async function contentOf(folder: string) {
  const configDirectory = temporaryFolder();
  const known = new Map(runners.map((runner) => [runner.name, runner]));
  const pack = await loadPack(folder, { modules, runners: known, configDirectory, checkAliasFormat: compileFormat });
  if (pack.kind === 'refused')
    throw new Error((pack satisfies RefusedPack).problems.map(({ message }) => message).join());
  return pack.content;
}

describe('a pack of the kind that teams wrote in 2016', () => {
  const folder = join(FIXTURES, 'team-2016');

  it('loads whole', async () => {
    const content = await contentOf(folder);
    expect(content.manifest).toMatchObject({ ref: 'team-2016', version: '0.1.0' });
    expect(content.actions.map(({ name, runnerType }) => [name, runnerType])).toEqual([
      ['db_create_chain', 'action-chain'],
      ['db_spec', 'python-script'],
      ['list_ns', 'local-shell-cmd'],
      ['ns_setup', 'mistral-v2'],
    ]);
    expect(content.actions[1]?.parameters).toMatchObject({ payload: { type: 'object' }, size: { type: 'integer' } });
    expect(content.sensors.map(({ ref }) => ref)).toEqual(['team-2016.DatabaseSensor', 'team-2016.ReplicaSensor']);
    expect(content.triggerTypes.map(({ ref, payloadSchema }) => [ref, payloadSchema])).toEqual([
      ['team-2016.database', { type: 'object', properties: { resource: {}, labels: {} } }],
    ]);
    expect(content.rules.map(({ ref }) => ref)).toEqual(['team-2016.db_create']);
    expect(content.aliases.map(({ ref }) => ref)).toEqual(['team-2016.list_ns']);
    expect(content.config).toEqual({ region: 'eu-west-1', consul: { host: '127.0.0.1', port: 8500 } });
  });

  it('is told what is of old', async () => {
    const type = 'must be "array", "boolean", "integer", "null", "number", "object" or "string", but it is the text';
    const unknown =
      'A type must be "array", "boolean", "integer", "null", "number", "object" or "string", but this is the text "obj", as 1 more of this schema are. It is not checked.';
    expect(await complaintsOf(folder)).toEqual([
      'actions/db_spec.yaml:3:14: warning: The runner "run-python" is called "python-script" today; it is read as that.',
      `actions/db_spec.yaml:9:11: warning: The type of the parameter "payload" ${type} "dict". It is read as "object"; write that.`,
      `actions/db_spec.yaml:13:11: warning: The type of the parameter "size" ${type} "int". It is read as "integer"; write that.`,
      'actions/db_spec.yaml:14:14: warning: The default of the parameter "size" is the text "10", which is not of its type "int".',
      'actions/db_spec.yaml:15:5: warning: Unknown keyword "min" in the parameter "size"; it has no effect.',
      'actions/list_ns.yaml:2:14: warning: The runner "run-local" is called "local-shell-cmd" today; it is read as that.',
      "actions/ns_setup.meta.yaml:5:16: warning: A request for this action fails. Mistral was taken out of StackStorm in 3.0. Rewrite the workflow for Orquesta (runner orquesta; of Mistral's, StackStorm's orquestaconvert does a good part), or as an action-chain.",
      'config.yaml:2:1: warning: Configuration in the pack is of old; it counts until there is a file team-2016.yaml among the configurations.',
      'pack.yaml:2:8: warning: The pack reference "team-2016" may only hold lower case letters, digits and underscores; dashes are taken as StackStorm took them of old.',
      'pack.yaml:6:5: warning: "keywords[1]" must be text, but it is the number 2016.',
      'rules/db_create.yaml:7:9: warning: The trigger type "otherpack.thirdpartyobject" is of the pack "otherpack", which is not here; the rule is left out until it is.',
      `sensors/databases.yaml:12:17: warning: ${unknown}`,
      `sensors/replicas.yaml:12:17: warning: ${unknown}`,
    ]);
  });
});

describe('a pack of the kind that the exchange has', () => {
  const folder = join(FIXTURES, 'exchange');

  it('loads whole', async () => {
    const content = await contentOf(folder);
    expect(content.manifest).toMatchObject({ ref: 'exchange', version: '1.10.0', dependencies: ['core'] });
    expect(content.actions.map(({ name }) => name)).toEqual(['args', 'flow', 'get', 'remote', 'show', 'windows']);
    expect(content.actions.find(({ name }) => name === 'get')?.parameters).toMatchObject({
      fields: { anyOf: [{ type: 'string' }, { type: 'array' }] },
      options: { type: 'object', properties: { deep: { type: 'boolean' } } },
      anything: {},
    });
    expect(content.aliases).toMatchObject([
      {
        ref: 'exchange.get',
        result: { format: expect.stringContaining('boom') },
        extra: { hubot_2fa: { enabled: false } },
      },
    ]);
    expect(content.policies.map(({ ref }) => ref)).toEqual(['exchange.get.concurrency']);
    expect(content.triggerTypes.map(({ ref }) => ref)).toEqual(['exchange.gone', 'exchange.came']);
    expect(content.rules.map(({ ref }) => ref)).toEqual(['exchange.tick']);
    expect(Object.keys(content.configSchema)).toEqual(['api_key', 'servers', 'retries']);
  });

  it('has nothing that is called an error', async () => {
    const complaints = await complaintsOf(folder);
    expect(complaints.filter((line) => !line.includes(': warning: '))).toEqual([]);
    expect(complaints.map((line) => line.split(': warning:')[0])).toEqual([
      'actions/args.yaml:6:35',
      'actions/get.yaml:12:9',
      'actions/get.yaml:17:15',
      'actions/get.yaml:20:11',
      'actions/get.yaml:22:7',
      'actions/get.yaml:23:5',
      'actions/get.yaml:27:20',
      'actions/get.yaml:28:15',
      'actions/get.yaml:30:11',
      'actions/get.yaml:40:1',
      'aliases/get.yaml:21:1',
      'sensors/poll.yaml:3:14',
    ]);
  });
});

/** Files that are wrong, and the one complaint about each; beside them lies a good action, which must load. */
const WRONG: readonly (readonly [what: string, files: Files, complaint: string])[] = [
  [
    'tabs where YAML wants blanks',
    { 'actions/a.yaml': 'name: a\nparameters:\n\tx: {type: string}\nrunner_type: noop\n' },
    'actions/a.yaml:3:1: error: ',
  ],
  [
    'Latin-1',
    { 'actions/a.yaml': Buffer.from('name: a\ndescription: caf\xe9\n', 'latin1') },
    'actions/a.yaml:2:17: error: The file is not UTF-8 text: the byte 0xe9 stands here. Save it as UTF-8.',
  ],
  [
    'UTF-16',
    { 'actions/a.yaml': Buffer.from('\ufeffname: a\n', 'utf16le') },
    'actions/a.yaml:1:1: error: The file is UTF-16 text; save it as UTF-8.',
  ],
  ['a nought byte', { 'actions/a.yaml': 'name: a\0\nrunner_type: noop\n' }, 'actions/a.yaml:'],
  [
    'an empty file',
    { 'actions/a.yaml': '' },
    'actions/a.yaml:1:1: error: Expected an action (a mapping of keys to values), but found empty.',
  ],
  [
    'an entry point above the pack',
    { 'actions/a.yaml': 'name: a\nrunner_type: local-shell-script\nentry_point: ../../etc/passwd\n' },
    'actions/a.yaml:3:14: error: The entry point "../../etc/passwd" leads to ',
  ],
  [
    'an entry point anywhere',
    { 'actions/a.yaml': 'name: a\nrunner_type: local-shell-script\nentry_point: /etc/passwd\n' },
    'actions/a.yaml:3:14: error: The entry point "/etc/passwd" leads to /etc/passwd, which is outside of the pack.',
  ],
  [
    'a sensor above the pack',
    { 'sensors/a.yaml': 'class_name: A\nentry_point: ../../../etc/passwd\n' },
    'sensors/a.yaml:2:14: error: The entry point "../../../etc/passwd" leads to ',
  ],
  [
    'a YAML bomb',
    {
      'actions/a.yaml': `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
        .split('')
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)
        .join('\n')}\n`,
    },
    'error: The file expands to more than 200000 values; its aliases repeat each other.',
  ],
  [
    'a name that another has',
    { 'actions/zzz.yaml': 'name: good\nrunner_type: noop\n' },
    'actions/zzz.yaml:1:1: error: The action "trial.good" is defined in actions/good.yaml already; this one is left out.',
  ],
  [
    'a runner that nobody has',
    { 'actions/a.yaml': 'name: a\nrunner_type: fortran\n' },
    'actions/a.yaml:2:14: error: Unknown runner "fortran".',
  ],
  [
    'a format that is no expression',
    { 'aliases/a.yaml': 'name: a\naction_ref: trial.good\nformats:\n  - "say {{x}} and {{x}}"\n' },
    'aliases/a.yaml:4:5: error: The alias format "say {{x}} and {{x}}" is not valid: ',
  ],
  [
    'a format that is a list',
    { 'aliases/a.yaml': 'name: a\naction_ref: trial.good\nformats:\n  - [say]\n' },
    'aliases/a.yaml:4:5: error: A format must be text, or a mapping of display and representation, but it is a list.',
  ],
  [
    'a workflow that would fail when it starts',
    {
      'actions/a.yaml': 'name: a\nrunner_type: orquesta\nentry_point: a.flow\n',
      'actions/a.flow': 'version: 1.0\ntasks:\n  one:\n    action: core.noop\n    next: [{do: lost}]\n',
    },
    'actions/a.flow:5:',
  ],
  [
    'a policy of a type that is none',
    { 'policies/a.yaml': 'name: a\nresource_ref: trial.good\npolicy_type: action.magic\n' },
    'policies/a.yaml:3:14: error: ',
  ],
];

describe('a file that is wrong does no harm to others', () => {
  it.each(WRONG)('%s', async (_, files, complaint) => {
    const folder = trialPack({ 'actions/good.yaml': 'name: good\nrunner_type: noop\n', ...files });
    const complaints = await complaintsOf(folder);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toContain(complaint);
    expect((await contentOf(folder)).actions.map(({ name }) => name)).toContain('good');
  });

  it.each([
    ['to an action', 'actions/secret.yaml'],
    ['to a rule', 'rules/secret.yaml'],
    ['to an alias', 'aliases/secret.yaml'],
  ])('a link out of the pack, %s', async (_, link) => {
    const elsewhere = join(temporaryFolder(), 'secret.yaml');
    writeFileSync(elsewhere, 'name: secret\nrunner_type: noop\n');
    const folder = trialPack({ 'actions/good.yaml': 'name: good\nrunner_type: noop\n' });
    mkdirSync(join(folder, link, '..'), { recursive: true });
    symlinkSync(elsewhere, join(folder, link));
    expect(await complaintsOf(folder)).toEqual([
      `${link}:1:1: error: This is a link to ${elsewhere}, which is outside of the pack; put the file here.`,
    ]);
  });

  it('a script that is a link out of the pack', async () => {
    const folder = trialPack({ 'actions/a.yaml': 'name: a\nrunner_type: local-shell-script\nentry_point: a.sh\n' });
    symlinkSync('/etc/passwd', join(folder, 'actions/a.sh'));
    expect(await complaintsOf(folder)).toEqual([
      'actions/a.yaml:3:14: error: The entry point "a.sh" leads to /etc/passwd, which is outside of the pack.',
    ]);
  });
});

/** What looks wrong and is taken, with the warning. */
const TAKEN: readonly (readonly [what: string, files: Files, complaints: readonly string[]])[] = [
  ['a byte order mark', { 'actions/a.yaml': '\ufeffname: a\nrunner_type: noop\n' }, []],
  ['a document end', { 'actions/a.yaml': '---\nname: a\nrunner_type: noop\n...\n' }, []],
  [
    'Windows line ends',
    { 'actions/a.yaml': 'name: a\r\nrunner_type: noop\r\nparameters:\r\n  x: {type: string}\r\n' },
    [],
  ],
  [
    "YAML 1.1's words",
    { 'actions/a.yaml': 'name: a\nrunner_type: noop\nenabled: yes\nparameters:\n  x: {type: boolean, default: off}\n' },
    [],
  ],
  [
    'a key given twice',
    { 'actions/a.yaml': 'name: b\nrunner_type: noop\nname: a\n' },
    [
      'actions/a.yaml:3:1: warning: The key "name" is given twice in the same mapping; this one counts, and not the one at line 1, column 1.',
    ],
  ],
  [
    'a rule on a type of its own pack that a handler makes when its first event comes',
    {
      'actions/a.yaml': 'name: a\nrunner_type: noop\n',
      'rules/r.yaml': 'name: r\nenabled: true\ntrigger: {type: trial.event_handler}\naction: {ref: trial.a}\n',
    },
    [
      'rules/r.yaml:3:17: warning: The trigger type "trial.event_handler" does not exist; the rule is left out until somebody makes it.',
    ],
  ],
  [
    'a former StackStorm',
    {
      'actions/a.yaml': 'name: a\nrunner_type: noop\n',
      'pack.yaml':
        'ref: trial\nname: x\ndescription: x\nversion: 1\nauthor: x\nstackstorm_version: "<2.0.0"\npython_versions: ["2"]\n',
    },
    [
      'pack.yaml:6:21: warning: The pack asks for StackStorm <2.0.0; Petrel does as 3.10.0 does.',
      'pack.yaml:7:18: warning: The pack asks for Python 2 alone; its Python runs under Python 3 here.',
    ],
  ],
];

describe('what StackStorm of old took of parameters', () => {
  it('is taken without what has no meaning today', async () => {
    const folder = trialPack({
      'actions/a.yaml': `name: a.b
runner_type: local-shell-script
entry_point: a.sh
parameters:
  vault-file: {type: string}
  sudo: {type: string, default: true, position: 0, secret: true}
  timeout: {immutable: true}
`,
    });
    expect((await complaintsOf(folder)).map((line) => line.split(' (')[0]?.slice(0, 70))).toEqual([
      'actions/a.yaml:3:14: warning: The entry point "a.sh" cannot be read; i',
      'actions/a.yaml:5:3: warning: The parameter name "vault-file" may only ',
      'actions/a.yaml:6:10: warning: "sudo" is a parameter of the runner "loc',
      'actions/a.yaml:6:33: warning: The default of the parameter "sudo" is t',
      'actions/a.yaml:6:39: warning: "sudo" is a parameter of the runner "loc',
      'actions/a.yaml:6:52: warning: "sudo" is a parameter of the runner "loc',
    ]);
    expect((await contentOf(folder)).actions).toMatchObject([
      {
        ref: 'trial.a.b',
        parameters: {
          'vault-file': { type: 'string' },
          sudo: { default: true, secret: true },
          timeout: { immutable: true },
        },
      },
    ]);
  });
});

describe('what only looks wrong is taken', () => {
  it.each(TAKEN)('%s', async (_, files, complaints) => {
    const folder = trialPack(files);
    expect(await complaintsOf(folder)).toEqual(complaints);
    expect((await contentOf(folder)).actions.map(({ name }) => name)).toEqual(['a']);
  });
});
