import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Execution, Id, JsonObject } from '../../src/model/index.ts';
import { call } from '../call.ts';
import { startWorkflowServer, type WorkflowFile, type WorkflowServer } from '../executions/workflow-server.ts';

const TRIGGER = 'core.st2.generic.notifytrigger';

const WORKFLOWS: Readonly<Record<string, WorkflowFile>> = {
  chain: {
    runner: 'action-chain',
    text: `chain:
  - {name: own, ref: flows.quiet, notify: {on-complete: {message: own, routes: [own]}}, on-success: inherits}
  - {name: inherits, ref: flows.quiet, on-success: skipped}
  - {name: skipped, ref: flows.loud}
`,
  },
  graph: {
    runner: 'orquesta',
    text: `version: 1.0
tasks:
  told:
    action: flows.quiet
    next: [{do: [untold, also]}]
  untold:
    action: flows.loud
  also:
    action: flows.loud
`,
  },
};

const loud = (name: string, cmd: string) => `name: ${name}
runner_type: local-shell-cmd
parameters: {cmd: {default: ${JSON.stringify(cmd)}}, who: {type: string, default: nobody}, password: {type: string, secret: true}}
notify:
  on-complete:
    message: "{{ action_parameters.who }} got {{ action_results.stdout }} for {{ action_context.user }}, {{ st2kv.system.greeting }}"
    data: {code: "{{ action_results.return_code }}", list: ["{{ action_parameters.who }}", 5]}
    routes: [everyone, log]
  on-success: {routes: [happy]}
  on-failure: {channels: [sad], message: "broken {{ nowhere.to.be.found }}"}
`;

let flows: WorkflowServer;

beforeAll(async () => {
  flows = await startWorkflowServer(WORKFLOWS, () => ({
    'actions/loud.yaml': loud('loud', 'echo tea'),
    'actions/broken.yaml': loud('broken', 'exit 4'),
    'actions/slow.yaml': loud('slow', 'sleep 20').replace('who:', 'timeout: {default: 1}, who:'),
    'actions/tells.yaml': loud('tells', 'echo the password is {{ password }}').replace(
      '{{ action_parameters.who }} got',
      '{{ action_parameters.password }} {{ st2kv.system.hidden | decrypt_kv }}',
    ),
    'actions/quiet.yaml': 'name: quiet\nrunner_type: noop\n',
    'actions/told.yaml': 'name: told\nrunner_type: noop\nparameters: {message: {type: string}}\n',
    'rules/listens.yaml': `name: listens
enabled: true
trigger: {type: ${TRIGGER}}
criteria: {trigger.route: {type: equals, pattern: everyone}}
action: {ref: flows.told, parameters: {message: "{{ trigger.message }}"}}
`,
  }));
  const { store } = flows.server;
  await store.putKey({ scope: 'system', user: '', name: 'greeting', value: 'hello', secret: false, updatedAt: 1 });
});

afterAll(() => flows.close());

async function instances(): Promise<readonly JsonObject[]> {
  const { items } = await flows.server.store.listTriggerInstances({ trigger: TRIGGER }, { limit: 1000, offset: 0 });
  return items.map(({ payload }) => payload).reverse();
}

/** What was told about an execution, by route: they are there as soon as it has ended. */
async function told(id: Id): Promise<Readonly<Record<string, JsonObject>>> {
  await flows.ended(id);
  const about = (await instances()).filter((payload) => payload.execution_id === id);
  return Object.fromEntries(about.map((payload) => [String(payload.route), payload]));
}

/** Route and message of what was told about the tasks of a workflow. */
async function toldOfTasks(id: Id): Promise<Readonly<Record<string, readonly string[]>>> {
  const children = await flows.children(id);
  const lines = children.map(async (child: Execution) => [
    child.taskName ?? '',
    Object.entries(await told(child.id)).map(([route, { message }]) => `${route}: ${message}`),
  ]);
  return Object.fromEntries(await Promise.all(lines));
}

describe('the end of an action with notification settings', () => {
  it('is told on every route, with templates rendered, in the transaction of the end', async () => {
    const { id } = await flows.request('loud', { who: 'ann' });
    const about = await told(id);
    expect(Object.keys(about).sort()).toEqual(['everyone', 'happy', 'log']);
    const execution = await flows.server.store.getExecution(id);
    const iso = (time = 0) => new Date(time).toISOString().replace('Z', '000+00:00');
    expect(about.everyone).toEqual({
      execution_id: id,
      status: 'succeeded',
      start_timestamp: iso(execution?.startedAt),
      end_timestamp: iso(execution?.endedAt),
      action_ref: 'flows.loud',
      runner_ref: 'local-shell-cmd',
      route: 'everyone',
      channel: 'everyone',
      message: 'ann got tea for stanley, hello',
      data: {
        code: '0',
        list: ['ann', 5],
        result: '{"failed":false,"succeeded":true,"return_code":0,"stdout":"tea","stderr":""}',
      },
    });
    expect(about.happy?.message).toBe('Action flows.loud succeeded.');
  });

  it('can be followed by a rule', async () => {
    const { id } = await flows.request('loud', { who: 'bob' });
    await flows.ended(id);
    const { items } = await flows.server.store.listExecutions({ actionRef: 'flows.told' }, { limit: 10, offset: 0 });
    expect(items.map(({ parameters }) => parameters.message)).toContain('bob got tea for stanley, hello');
  });

  it.each(['broken', 'slow'])(
    'is told as a failure (%s), and what cannot be rendered as it is written',
    async (name) => {
      const about = await told((await flows.request(name)).id);
      expect(Object.keys(about).sort()).toEqual(['everyone', 'log', 'sad']);
      expect(about.sad?.message).toBe('broken {{ nowhere.to.be.found }}');
    },
  );

  it('is told to those whom the request names instead, or to nobody', async () => {
    const request = (notify: JsonObject) =>
      flows.server.executions.request({ actionRef: 'flows.loud', parameters: {}, user: 'ann', notify });
    const other = await request({ 'on-success': { message: 'for {{ action_context.user }}', routes: ['ann'] } });
    expect(Object.entries(await told(other.id)).map(([route, { message }]) => [route, message])).toEqual([
      ['ann', 'for ann'],
    ]);
    expect(await told((await request({})).id)).toEqual({});
  });

  it('is told without secrets', async () => {
    const { url, token } = flows.server;
    await call({ url, token }, 'PUT', '/keys/hidden', { name: 'hidden', value: 'chamomile-77', secret: true });
    const { id } = await flows.request('tells', { password: 'peppermint-88' });
    const about = await told(id);
    expect(about.everyone?.message).toBe('******** ******** ******** for stanley, hello');
    expect(JSON.stringify(about)).not.toMatch(/chamomile|peppermint/);
  });

  it('is stored nowhere when nobody asked for it', async () => {
    expect(await told((await flows.request('quiet')).id)).toEqual({});
  });
});

describe('the tasks of a workflow', () => {
  const notify = { 'on-complete': { message: 'the whole', routes: ['whole'] } };
  const run = async (name: string, parameters: JsonObject) => {
    const { id } = await flows.server.executions.request({
      actionRef: `flows.${name}`,
      parameters,
      user: 'stanley',
      notify,
    });
    return { id, ...(await flows.ended(id)) };
  };

  it('of a chain are told by their own settings, or the chain’s, unless they are skipped', async () => {
    const { id, status } = await run('chain', { skip_notify: ['skipped'] });
    expect(status).toBe('succeeded');
    expect(await toldOfTasks(id)).toEqual({ own: ['own: own'], inherits: ['whole: the whole'], skipped: [] });
    expect(Object.keys(await told(id))).toEqual(['whole']);
  });

  it('of a chain without settings are told by those of their action', async () => {
    const { id } = await flows.request('chain');
    await flows.ended(id);
    expect(Object.keys(await toldOfTasks(id))).toHaveLength(3);
    expect((await toldOfTasks(id)).skipped).toContain('happy: Action flows.loud succeeded.');
  });

  it('of an Orquesta workflow are told by the workflow’s settings when it names them', async () => {
    const { id, status } = await run('graph', { notify: ['told', 'also'] });
    expect(status).toBe('succeeded');
    expect(await toldOfTasks(id)).toEqual({ told: ['whole: the whole'], also: ['whole: the whole'], untold: [] });
  });

  it('must be tasks of the definition', async () => {
    const { status, result } = await run('graph', { notify: ['told', 'nobody'] });
    expect(status).toBe('failed');
    expect(result).toEqual({
      errors: [
        {
          type: 'content',
          message:
            'The parameter "notify" names what is no task of the workflow: "nobody"; it may name told, untold, also.',
          spec_path: null,
          schema_path: null,
        },
      ],
      output: null,
    });
  });
});
