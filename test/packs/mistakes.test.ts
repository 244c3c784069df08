import { relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatProblem, lintPack } from '../../src/packs/index.ts';
import {
  type Files,
  newModules,
  PACK_YAML,
  RUNNERS,
  removeTemporaryFolders,
  temporaryFolder,
  trialPack,
  write,
} from './support.ts';

afterAll(removeTemporaryFolders);

const modules = newModules();

/** What lint says of a pack with these files, each as `file:line:column: severity: message` relative to the pack. */
async function complaints(files: Files, configDirectory?: string): Promise<string[]> {
  const folder = trialPack(files);
  const problems = await lintPack(folder, {
    modules,
    runners: RUNNERS,
    ...(configDirectory === undefined ? {} : { configDirectory }),
  });
  return problems.map((problem) => formatProblem(problem, folder));
}

/** One file wrong in one way: what the file is, its text, and the complaint without the file's name. */
type Case = readonly [what: string, text: string, ...complaints: string[]];

function describeMistakes(file: string, cases: readonly Case[], others: Files = {}): void {
  describe(file, () => {
    it.each(cases)('%s', async (_, text, ...expected) => {
      expect(await complaints({ ...others, [file]: text })).toEqual(
        expected.map((complaint) => `${file}:${complaint}`),
      );
    });
  });
}

describeMistakes('pack.yaml', [
  [
    'lacks what a pack should have',
    'ref: trial\nname: Trial\n',
    '1:1: warning: The key "description" is missing; a pack should have it.',
    '1:1: warning: The key "author" is missing; a pack should have it.',
    '1:1: warning: The key "version" is missing; a pack should have one, such as "1.0.0".',
  ],
  [
    'has a reference that cannot be one',
    PACK_YAML.replace('ref: trial', 'ref: My-Pack'),
    '1:6: error: The pack reference "My-Pack" may only hold lower case letters, digits and underscores.',
  ],
  [
    'has the reserved reference',
    PACK_YAML.replace('ref: trial', 'ref: _global'),
    '1:6: error: The pack reference "_global" is reserved; choose another.',
  ],
  [
    'has a version that is none',
    PACK_YAML.replace('1.0.0', 'latest'),
    '4:10: warning: The version "latest" should have three numbers, such as "1.0.0".',
  ],
  ['is a list', '- 1\n', '1:1: error: Expected a pack (a mapping of keys to values), but found a list.'],
  ['is empty', '', '1:1: error: Expected a pack (a mapping of keys to values), but found empty.'],
  [
    'has keywords that are no texts',
    `${PACK_YAML}keywords: [a, 5]\n`,
    '6:15: warning: "keywords[1]" must be text, but it is the number 5.',
  ],
]);

const ACTION = 'name: act\nrunner_type: local-shell-cmd\n';

describeMistakes('actions/act.yaml', [
  [
    'has a key with a slip of the pen',
    `${ACTION}paramters: {}\n`,
    '3:1: error: Unknown key "paramters" in an action. Did you mean "parameters"?',
  ],
  [
    'has a key like no other',
    `${ACTION}colour: red\n`,
    '3:1: warning: Unknown key "colour" in an action; it has no effect.',
  ],
  ['lacks a name', 'runner_type: noop\n', '1:1: error: The key "name" is missing; an action needs it.'],
  [
    'has an empty name',
    'name:\nrunner_type: noop\n',
    '1:1: error: The key "name" is empty; an action needs a value here.',
  ],
  [
    'says it belongs to another pack',
    `${ACTION}pack: other\n`,
    '3:7: error: "pack" is "other", but this file lies in the pack "trial"; correct it or leave it out.',
  ],
  [
    'is enabled by a text',
    `${ACTION}enabled: "yes"\n`,
    '3:10: error: "enabled" must be true or false, but it is the text "yes".',
  ],
  [
    'names a runner nearly right',
    'name: act\nrunner_type: local-shel-cmd\n',
    '2:14: error: Unknown runner "local-shel-cmd". Did you mean "local-shell-cmd"?',
  ],
  [
    'names a runner of old',
    'name: act\nrunner_type: run-local\n',
    '2:14: warning: The runner "run-local" is called "local-shell-cmd" today; it is read as that.',
  ],
  [
    'names a runner that is not there',
    'name: act\nrunner_type: cobol\n',
    '2:14: error: Unknown runner "cobol". Known runners are "noop", "local-shell-cmd", "local-shell-script", "action-chain", "orquesta", "typescript-script" or "typescript-workflow".',
  ],
  [
    'limits the time of what is no workflow',
    `${ACTION}timeout: 5\n`,
    '3:1: error: Only workflows ("action-chain", "orquesta" or "typescript-workflow") have a "timeout" here; the runner "local-shell-cmd" is limited by its own parameter of that name, if it has one: give it a "default" below "parameters".',
  ],
  [
    'gives a workflow no time at all',
    'name: act\nrunner_type: orquesta\nentry_point: act.yaml\ntimeout: 0\n',
    '4:10: error: The "timeout" must be more than 0 seconds.',
  ],
  [
    'needs a file and names none',
    'name: act\nrunner_type: local-shell-script\n',
    '2:14: error: The runner "local-shell-script" executes a file, so the action needs an "entry_point".',
  ],
  [
    'has a parameter with a type that is none',
    `${ACTION}parameters:\n  size:\n    type: int\n`,
    '5:11: warning: The type of the parameter "size" must be "array", "boolean", "integer", "null", "number", "object" or "string", but it is the text "int". It is read as "integer"; write that.',
  ],
  [
    'has a parameter of several types',
    `${ACTION}parameters:\n  size:\n    type: [string, integer]\n`,
    '5:11: warning: The type of the parameter "size" must be "array", "boolean", "integer", "null", "number", "object" or "string", but it is a list. It is read as "anyOf" with one schema each; write that.',
  ],
  [
    'has an unknown keyword in a parameter',
    `${ACTION}parameters:\n  size:\n    type: string\n    defualt: x\n`,
    '6:5: error: Unknown keyword "defualt" in the parameter "size". Did you mean "default"?',
  ],
  [
    'lists what is required, as newer JSON schema does',
    `${ACTION}parameters:\n  size:\n    type: object\n    properties: {a: {type: string}}\n    required: [a]\n`,
    '7:15: warning: "required" of the parameter "size" is a list, which has no effect: write "required: true" at each property instead.',
  ],
  [
    'has a mistake deep in a parameter',
    `${ACTION}parameters:\n  size:\n    type: array\n    items:\n      type: object\n      properties:\n        a: text\n`,
    '9:12: error: "a" of the parameter "size" must be described by a mapping such as "type: string", but it is the text "text".',
  ],
  [
    'has a parameter name with a dash',
    `${ACTION}parameters:\n  a-b: {type: string}\n`,
    '4:3: warning: The parameter name "a-b" may only hold letters, digits and underscores; no template can name it.',
  ],
  [
    'has a parameter name with a blank',
    `${ACTION}parameters:\n  a b: {type: string}\n`,
    '4:3: error: The parameter name "a b" may only hold letters, digits and underscores.',
  ],
  [
    'gives one position to two parameters',
    `${ACTION}parameters:\n  a: {position: 0}\n  b: {position: 0}\n`,
    '5:17: warning: The parameters "a" and "b" both have position 0; only "b" is given by position.',
  ],
  [
    'leaves a position out',
    `${ACTION}parameters:\n  a: {position: 1}\n  b: {position: 3}\n`,
    '5:17: warning: Position 2 is left out: "b" has position 3; what is given by position closes up.',
  ],
  [
    'has an immutable parameter without a value',
    `${ACTION}parameters:\n  cmd:\n    immutable: true\n`,
    '5:5: error: The parameter "cmd" is immutable, so it needs a "default": nobody can give it a value.',
  ],
  [
    'repeats that a parameter is immutable',
    `${ACTION}parameters:\n  fixed: {immutable: true}\n`,
    '4:11: warning: "fixed" is immutable in the runner "local-shell-cmd" already; leave it out here.',
  ],
  [
    "changes the type of its runner's parameter",
    `${ACTION}parameters:\n  sudo: {type: string}\n`,
    '4:10: warning: "sudo" is a parameter of the runner "local-shell-cmd"; an action may change only "default", "description", "enum", "immutable" or "required" of it, so this "type" has no effect.',
  ],
  [
    'has a default of another type',
    `${ACTION}parameters:\n  n: {type: integer, default: "5"}\n`,
    '4:31: warning: The default of the parameter "n" is the text "5", which is not of its type "integer".',
  ],
  [
    'retries without saying how often',
    `${ACTION}retry: {delay: 1}\n`,
    '3:8: error: The key "count" is missing; "retry" needs it.',
  ],
  [
    'has a tag that is no pair',
    `${ACTION}tags:\n  - red\n`,
    '4:5: error: "tags[0]" must be a mapping of keys to values, but it is the text "red".',
  ],
  [
    'is no YAML',
    'name: [',
    '1:8: error: Flow sequence in block collection must be sufficiently indented and end with a ].',
  ],
]);

describe('files of actions', () => {
  it('are named where they are missing', async () => {
    const [complaint] = await complaints({
      'actions/act.yaml': 'name: act\nrunner_type: local-shell-script\nentry_point: no.sh\n',
    });
    expect(complaint).toMatch(
      /^actions\/act\.yaml:3:14: warning: The entry point "no\.sh" cannot be read; it was looked for at \/.*\/actions\/no\.sh\.$/,
    );
  });

  it('may not define an action twice', async () => {
    const text = 'name: act\nrunner_type: noop\n';
    expect(await complaints({ 'actions/a.yaml': text, 'actions/b.yaml': text })).toEqual([
      'actions/b.yaml:1:1: error: The action "trial.act" is defined in actions/a.yaml already; this one is left out.',
    ]);
  });

  it('must be UTF-8', async () => {
    expect(await complaints({ 'actions/a.yaml': new Uint8Array([0x61, 0xff, 0xfe]) })).toEqual([
      'actions/a.yaml:1:2: error: The file is not UTF-8 text: the byte 0xff stands here. Save it as UTF-8.',
    ]);
  });
});

const RULE = 'name: rule\nenabled: true\naction: {ref: trial.act, parameters: {cmd: x}}\n';
const TIMER = 'trigger: {type: core.st2.IntervalTimer, parameters: {unit: hours, delta: 1}}\n';
const ACT = { 'actions/act.yaml': `${ACTION}parameters: {cmd: {required: true}}\n` };

describeMistakes(
  'rules/rule.yaml',
  [
    [
      'is on a trigger type that is misspelt',
      `${RULE}trigger: {type: core.st2.IntervalTimr}\n`,
      '4:17: error: The trigger type "core.st2.IntervalTimr" does not exist. Did you mean "core.st2.IntervalTimer"?',
    ],
    [
      "does not give the trigger's parameters",
      `${RULE}trigger: {type: core.st2.IntervalTimer, parameters: {unit: years, extra: 1}}\n`,
      '4:53: error: The parameter "unit" of the trigger "core.st2.IntervalTimer" must be "weeks", "days", "hours", "minutes" or "seconds".',
      '4:53: error: The parameter "extra" of the trigger "core.st2.IntervalTimer" is not declared.',
      '4:53: error: The parameters of the trigger "core.st2.IntervalTimer" must have "delta".',
    ],
    [
      'has an action that does not exist',
      `${TIMER}name: rule\nenabled: true\naction: {ref: trial.ackt}\n`,
      '4:15: warning: The action "trial.ackt" does not exist, so this rule will fail. Did you mean "trial.act"?',
    ],
    [
      'gives parameters that the action refuses',
      `${TIMER}name: rule\nenabled: true\naction:\n  ref: trial.act\n  parameters:\n    comand: x\n    fixed: y\n`,
      '5:8: warning: The action "trial.act" needs the parameter "cmd", which this rule does not give.',
      '7:5: warning: The action "trial.act" has no parameter "comand", so it will refuse this request.',
      '8:5: warning: The parameter "fixed" of the action "trial.act" is immutable, so it will refuse this request.',
    ],
    [
      'does not say that it is enabled',
      `${TIMER}name: rule\naction: {ref: trial.act, parameters: {cmd: x}}\n`,
      '1:1: warning: The rule "rule" does not say "enabled: true", so it is disabled.',
    ],
    [
      'has an unknown operator',
      `${RULE}${TIMER}criteria:\n  trigger.a:\n    type: equalz\n    pattern: 1\n`,
      '7:11: error: The criterion "trigger.a" has an unknown operator, the text "equalz". Did you mean "equals"?',
    ],
    [
      'spells search with a capital',
      `${RULE}${TIMER}criteria:\n  trigger.a:\n    type: Search\n`,
      '7:11: error: The criterion "trigger.a" has an unknown operator, the text "Search". Did you mean "search"?',
    ],
    [
      'has a criterion that is a text',
      `${RULE}${TIMER}criteria:\n  trigger.a: 5\n`,
      '6:14: error: The criterion "trigger.a" must be a mapping with "type" and "pattern", but it is the number 5.',
    ],
    [
      'has a criterion without an operator',
      `${RULE}${TIMER}criteria:\n  trigger.a: {pattern: 1}\n`,
      '6:3: error: The criterion "trigger.a" has no "type", so it would never match.',
    ],
    [
      'searches without saying how',
      `${RULE}${TIMER}criteria:\n  trigger.a:\n    type: search\n    condition: ALL\n    pattern: x\n`,
      '8:16: error: The search "trigger.a" needs a "condition" of "any", "all", "any2any" or "all2any", but it is the text "ALL".',
      '9:14: error: The search "trigger.a" needs a mapping of criteria as its "pattern", but it is the text "x".',
    ],
    [
      'looks in a place where nothing is',
      `${RULE}${TIMER}criteria:\n  payload.a: {type: exists, patern: 1}\n`,
      '6:3: warning: The criterion "payload.a" finds nothing: its key must start with "trigger", as in "trigger.name".',
      '6:29: warning: Unknown key "patern" in the criterion "payload.a"; it has no effect. Did you mean "pattern"?',
    ],
    [
      'writes its type as a bare text',
      `${RULE}${TIMER}type: backstop\n`,
      '5:7: error: "type" must be a mapping of keys to values, but it is the text "backstop".',
    ],
    ['lacks a trigger', RULE, '1:1: error: The key "trigger" is missing; a rule needs it.'],
    [
      'has an unknown key in its trigger',
      `${RULE}trigger: {type: core.st2.webhook, parametres: {}}\n`,
      '4:35: error: Unknown key "parametres" in "trigger". Did you mean "parameters"?',
    ],
  ],
  ACT,
);

const CHAIN = 'name: flow\nrunner_type: action-chain\nentry_point: chains/flow.yaml\n';

describeMistakes(
  'actions/chains/flow.yaml',
  [
    [
      'goes on to a task that is not there',
      'chain:\n  - name: one\n    ref: trial.any\n    on-success: tow\n  - {name: two, ref: trial.any, on-failure: nowhere}\ndefault: three\n',
      '4:17: error: "on-success" of task "one" names the task "tow", which this chain does not have. Did you mean "two"?',
      '5:45: error: "on-failure" of task "two" names the task "nowhere", which this chain does not have.',
      '6:10: error: "default" names the task "three", which this chain does not have.',
    ],
    ['has no tasks', 'chain: []\n', '1:8: error: The chain has no task, so there is nothing to start with.'],
    ['has no chain', 'vars: {}\n', '1:1: error: The key "chain" is missing; an action-chain needs it.'],
    [
      'has an unknown key in its first task',
      'chain:\n  - name: one\n    ref: trial.any\n    on-sucess: one\n',
      '4:5: error: Unknown key "on-sucess" in a task. Did you mean "on-success"?',
    ],
    [
      'has an unknown key in a later task, which StackStorm does not see',
      'chain:\n  - {name: one, ref: trial.any}\n  - {name: two, ref: trial.any, with: x}\n',
      '3:33: warning: Unknown key "with" in a task. Known keys are "name", "ref", "parameters", "params", "on-success", "on-failure", "publish", "notify", "compensate" or "description". It has no effect.',
    ],
    [
      'has a later task without an action',
      'chain:\n  - {name: one, ref: trial.any}\n  - {name: two}\n',
      '3:5: error: The key "ref" is missing; a task needs it.',
    ],
    [
      'calls two tasks the same',
      'chain:\n  - {name: one, ref: trial.any}\n  - {name: one, ref: trial.any}\n',
      '3:12: warning: A task called "one" exists already (line 2); this one is never run.',
    ],
    [
      'gives parameters by both names',
      'chain:\n  - {name: one, ref: trial.any, params: {a: 1}, parameters: {b: 1}}\n',
      '2:33: error: A task may have "parameters" or, as of old, "params", but not both.',
    ],
    [
      'asks for an action that does not exist',
      'chain:\n  - name: one\n    ref: trial.akt\n',
      '3:10: warning: The action "trial.akt" does not exist, so this task will fail. Did you mean "trial.act"?',
    ],
    [
      'gives parameters that the action refuses',
      'chain:\n  - {name: one, ref: trial.act, params: {comand: x}}\n',
      '2:22: warning: The action "trial.act" needs the parameter "cmd", which this task does not give.',
      '2:42: warning: The action "trial.act" has no parameter "comand", so it will refuse this request.',
    ],
    [
      'names the next task by a template',
      'chain:\n  - {name: one, ref: trial.any, on-success: "{{ next }}"}\n',
      '2:45: warning: "on-success" of task "one" is a template, but names of tasks are never rendered; write the name itself.',
    ],
    ['is no YAML', 'chain:\n\t- x\n', '2:1: error: Tabs are not allowed as indentation.'],
  ],
  {
    ...ACT,
    'actions/any.yaml': 'name: any\nrunner_type: local-shell-cmd\nparameters: {a: {}, b: {}}\n',
    'actions/flow.yaml': CHAIN,
  },
);

describeMistakes('triggers/pushed.yaml', [
  ['lacks a name', 'description: x\n', '1:1: error: The key "name" is missing; a trigger type needs it.'],
  [
    'has a schema that is a list',
    'name: pushed\npayload_schema: [a]\n',
    '2:17: error: "payload_schema" must be a mapping of keys to values, but it is a list.',
  ],
  [
    'has a schema of which a part is none',
    'name: pushed\npayload_schema:\n  type: object\n  properties:\n    words: {type: array, items: string}\n',
    '5:33: warning: "words" of the payload_schema must be described by a mapping such as "type: string", but it is the text "string".',
  ],
]);

describeMistakes(
  'sensors/watch.yaml',
  [
    ['lacks its class', 'entry_point: x.py\n', '1:1: error: The key "class_name" is missing; a sensor needs it.'],
    [
      'has a trigger type without a name',
      'class_name: Watch\nentry_point: x.py\ntrigger_types:\n  - descripton: x\n',
      '4:5: error: Unknown key "descripton" in a trigger type. Did you mean "description"?',
      '4:5: error: The key "name" is missing; a trigger type needs it.',
    ],
  ],
  { 'sensors/x.py': '' },
);

describeMistakes(
  'sensors/watch.yaml',
  [
    [
      'declares what another sensor declares, and differently',
      'class_name: Watch\nentry_point: x.py\ntrigger_types: [{name: came, payload_schema: {type: object}}]\n',
      '1:1: warning: The trigger type "trial.came" has other schemas in sensors/follow.yaml; those count.',
    ],
    [
      'has types in a list and below a list that JSON does not know',
      'class_name: Watch\nentry_point: x.py\ntrigger_types: [{name: a, payload_schema: {anyOf: [{type: [obj]}, {items: {type: 1}}]}}]\n',
      '3:59: warning: A type must be "array", "boolean", "integer", "null", "number", "object" or "string", but this is a list, as 1 more of this schema are. It is not checked.',
    ],
  ],
  {
    'sensors/x.py': '',
    'sensors/follow.yaml': 'class_name: Follow\nentry_point: x.py\ntrigger_types: [{name: came}]\n',
  },
);

describeMistakes('config.schema.yaml', [
  [
    'has an unknown keyword',
    'host:\n  type: string\n  requierd: true\n',
    '3:3: error: Unknown keyword "requierd" in the configuration item "host". Did you mean "required"?',
  ],
  ['is a text', 'host', '1:1: error: Expected a mapping of configuration items to schemas, but found the text "host".'],
]);

describe('the configuration', () => {
  const schema = 'host: {type: string, required: true}\nport: {type: integer}\ntoken: {type: string, secret: true}\n';
  const withConfig = async (text: string) => {
    const configs = temporaryFolder();
    write(configs, { 'trial.yaml': text });
    const found = await complaints({ 'config.schema.yaml': schema }, configs);
    return found.map((complaint) => complaint.replace(/^.*trial\.yaml:/, ''));
  };

  it.each([
    [
      'does not fit its schema',
      'host: h\nport: many\n',
      '2:7: error: "port" must be of type "integer", but it is a text.',
    ],
    ['lacks a value', 'port: 1\n', '1:1: error: The configuration must have "host".'],
    [
      'decrypts what is decrypted by itself',
      'host: h\ntoken: "{{ st2kv.system.t | decrypt_kv }}"\n',
      '2:8: error: "token" is secret in config.schema.yaml, so its value is decrypted by itself; leave out "decrypt_kv".',
    ],
    [
      'says neither yes nor no to reevaluate_data',
      'host: h\nreevaluate_data: "{{ st2kv.system.r }}"\n',
      '2:18: error: "reevaluate_data" must be true or false, but found the text "{{ st2kv.system.r }}".',
    ],
    ['is a list', '- 1\n', '1:1: error: Expected a mapping of configuration values, but found a list.'],
  ])('%s', async (_, text, expected) => {
    expect(await withConfig(text)).toEqual([expected]);
  });

  it('may hold more than its schema, and templates', async () => {
    expect(await withConfig('host: "{{ st2kv.system.h }}"\nmore: 1\nport:\n')).toEqual([]);
  });
});

describeMistakes('actions/act.ts', [
  [
    'is no TypeScript',
    'import { defineAction } from "petrel/sdk";\nexport default defineAction({\n  input: ;\n});\n',
    '3:10: error: The file is not valid TypeScript: Unexpected token.',
  ],
  [
    'throws while it is loaded',
    '// defineAction\nconst limit: number = 5;\n\nif (limit > 1) throw new Error("no limit");\n',
    '4:22: error: The file failed while it was loaded: no limit.',
  ],
  [
    'exports no action',
    '// defineAction\nexport const action = 1;\n',
    '1:1: error: The file defines no action. Write `export default defineAction({ ... })` or `defineWorkflow`, both from "petrel/sdk".',
  ],
  [
    'has an input that is no object',
    'import { defineAction, z } from "petrel/sdk";\nexport default defineAction({ input: z.string() as never, run: async () => 1 });\n',
    '1:1: error: The action\'s "input" must be a zod object, such as `z.object({ name: z.string() })`.',
  ],
  [
    'has an input that JSON cannot say',
    'import { defineAction, z } from "petrel/sdk";\nexport default defineAction({ input: z.object({ at: z.date() }), run: async () => 1 });\n',
    '1:1: error: The action\'s "input" or "output" has a type that JSON cannot say: Date cannot be represented in JSON Schema.',
  ],
]);

describeMistakes('actions/flow.ts', [
  [
    'is no TypeScript',
    'import { defineWorkflow, z } from "petrel/sdk";\nexport default defineWorkflow({\n  input: z.object({}),\n  async run({ step }) { await step("a" () => 1); },\n});\n',
    '4:43: error: The file is not valid TypeScript: Unexpected token, expected ",".',
  ],
  [
    'has no function to run',
    'import { defineWorkflow, z } from "petrel/sdk";\nexport default defineWorkflow({ input: z.object({}) } as never);\n',
    '1:1: error: The workflow has no function "run".',
  ],
  [
    'has an input that is no object',
    'import { defineWorkflow, z } from "petrel/sdk";\nexport default defineWorkflow({ input: z.string() as never, run: async () => 1 });\n',
    '1:1: error: The workflow\'s "input" must be a zod object, such as `z.object({ name: z.string() })`.',
  ],
]);

describe('a metadata file whose runner does not fit its module', () => {
  it.each([
    ['typescript-script', 'defineWorkflow', 'a workflow', 'typescript-workflow'],
    ['typescript-workflow', 'defineAction', 'an action', 'typescript-script'],
  ])('is refused: %s for %s', async (runner, define, what, right) => {
    const files = {
      'actions/flow.yaml': `name: flow\nrunner_type: ${runner}\nentry_point: lib/flow.ts\n`,
      'actions/lib/flow.ts': `import { ${define}, z } from "petrel/sdk";\nexport default ${define}({ input: z.object({}), run: async () => 1 });\n`,
    };
    expect(await complaints(files)).toEqual([
      `actions/flow.yaml:2:14: error: The entry point "lib/flow.ts" defines ${what}; its runner is "${right}".`,
    ]);
  });
});

describe('a mistake in a module that an action imports', () => {
  it('is shown where it is', async () => {
    const files = {
      'actions/act.ts':
        'import { defineAction, z } from "petrel/sdk";\nimport "../lib/bad.ts";\nexport default defineAction({ input: z.object({}), run: async () => 1 });\n',
      'lib/bad.ts': 'export const a = 1;\n\nconst b = = 2;\n',
    };
    expect(await complaints(files)).toEqual([
      'lib/bad.ts:3:11: error: The file is not valid TypeScript: Unexpected token.',
    ]);
  });

  it('is named where a package is missing', async () => {
    const files = {
      'actions/act.ts':
        'import { defineAction } from "petrel/sdk";\nimport "no-such-package";\nexport default defineAction;\n',
    };
    const [complaint] = await complaints(files);
    expect(complaint).toMatch(
      /^actions\/act\.ts:2:7: error: The file failed while it was loaded: Cannot find module 'no-such-package'/,
    );
  });
});

describe('a folder without pack.yaml', () => {
  it('is refused', async () => {
    const folder = temporaryFolder();
    const problems = await lintPack(folder, { modules });
    expect(problems.map((problem) => relative(folder, problem.file))).toEqual(['pack.yaml']);
    expect(problems[0]?.message).toContain('it has no pack.yaml');
  });
});
