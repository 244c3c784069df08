import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Requester } from '../../src/executions/index.ts';
import type { Id, Json, JsonObject } from '../../src/model/index.ts';
import { startWorkflowServer, type WorkflowFile, type WorkflowServer } from './workflow-server.ts';

const SCHEMA = '{type: object, properties: {size: {type: integer, required: true}, pin: {type: string, secret: true}}}';

const graph = (text: string, parameters = '{}'): WorkflowFile => ({
  runner: 'orquesta',
  parameters,
  text: `version: 1.0\n${text}`,
});

const FILES: Readonly<Record<string, WorkflowFile>> = {
  graph: graph(`
tasks:
  ask:
    action: core.ask
    input: {schema: ${SCHEMA}, route: ops}
    next:
      - when: <% succeeded() %>
        publish: size=<% result().response.size %>
        do: after
      - when: <% failed() %>
        do: alarm
  after: {action: core.noop}
  alarm: {action: core.noop}
output:
  - size: <% ctx().get(size) %>
`),
  chain: {
    runner: 'action-chain',
    text: `
chain:
  - name: ask
    ref: core.ask
    parameters: {schema: ${SCHEMA}}
    on-success: after
    on-failure: alarm
  - name: after
    ref: core.echo
    parameters: {message: "{{ ask.result.response.size }} {{ ask.response.size }}"}
  - name: alarm
    ref: core.noop
`,
  },
  publishes: {
    runner: 'action-chain',
    text: `
chain:
  - name: ask
    ref: core.ask
    publish: {goes_on: "{{ ask.response.continue }}"}
    on-success: after
  - name: after
    ref: core.echo
    parameters: {message: "{{ goes_on }}"}
`,
  },
  bare: graph(`
tasks:
  ask: {action: core.ask}
`),
  outer_graph: graph(
    `
input: [name]
tasks:
  call:
    action: <% ctx().name %>
    next: [{do: finish}]
  finish: {action: core.noop}
`,
    '{name: {type: string}}',
  ),
  outer_chain: {
    runner: 'action-chain',
    parameters: '{name: {type: string}}',
    text: `
chain:
  - {name: call, ref: flows.outer_graph, parameters: {name: "{{ name }}"}, on-success: finish}
  - {name: finish, ref: core.noop}
`,
  },
  beside: graph(
    `
input: [gate]
tasks:
  ask:
    action: core.ask
    next: [{do: end}]
  work:
    action: flows.gate name=<% ctx().gate %>
    next: [{do: end}]
  end: {join: all, action: core.noop}
`,
    '{gate: {type: string}}',
  ),
  two: graph(`
tasks:
  left: {action: core.ask, next: [{do: end}]}
  right: {action: core.ask, next: [{do: end}]}
  end: {join: all, action: core.noop}
`),
  items: graph(
    `
input: [concurrency]
tasks:
  each:
    with: {items: n in <% range(3).toList() %>, concurrency: <% ctx().concurrency %>}
    action: core.ask
    next: [{publish: said=<% result().select($.response.continue) %>}]
output:
  - said: <% ctx().said %>
`,
    '{concurrency: {type: integer}}',
  ),
  never: graph(`
tasks:
  ask:
    action: core.ask
    input: {schema: {type: object, properties: {a: {type: nonsense}}}}
`),
};

let flows: WorkflowServer;
let gates = 0;

beforeAll(async () => {
  flows = await startWorkflowServer(FILES);
});

afterAll(async () => {
  await flows.close();
});

const ANN: Requester = { user: 'ann', roles: [] };
const YES = { continue: true };
const answer = (id: Id, response: JsonObject = YES, who = ANN) => flows.server.executions.respond(id, response, who);
const statusOf = async (id: Id) => (await flows.server.store.getExecution(id))?.status;
const deadlines = () => flows.server.store.listDueTimers(Number.MAX_SAFE_INTEGER, 1000);
const hasDeadline = async (id: Id) => (await deadlines()).some(({ executionId }) => executionId === id);
const tasksOf = async (id: Id) => (await flows.children(id)).map(({ taskName }) => taskName).sort();

/** A workflow that stands still, and its inquiry. */
async function asked(name: string): Promise<{ id: Id; inquiry: Id }> {
  const { id } = await flows.request(name);
  const inquiry = await flows.child(id, 'ask', 'pending');
  await flows.reached(id, 'paused');
  return { id, inquiry: inquiry.id };
}

async function alone(parameters: JsonObject): Promise<Id> {
  const { id } = await flows.server.executions.request({ actionRef: 'core.ask', parameters, user: 'ann' });
  await flows.reached(id, 'pending');
  return id;
}

/** Makes the time to answer pass. */
async function expire(inquiry: Id): Promise<void> {
  await flows.server.stop(0);
  const store = await flows.openStore();
  await store.setTimer({ executionId: inquiry, kind: 'inquiry', dueAt: 1 });
  await store.close();
  await flows.restart();
}

describe('an inquiry', () => {
  it('waits without a lease, shows what it asks, and tells the world', async () => {
    const id = await alone({ route: 'ops', users: ['ann'], ttl: 7 });
    const execution = await flows.server.store.getExecution(id);
    expect(execution).toMatchObject({ status: 'pending', attempt: 1 });
    expect(execution).not.toHaveProperty('leaseOwner');
    expect(await flows.server.store.getResult(id)).toEqual({
      schema: expect.objectContaining({ title: 'response_data' }),
      roles: [],
      users: ['ann'],
      route: 'ops',
      ttl: 7,
    });
    const { items } = await flows.server.store.listTriggerInstances(
      { trigger: 'core.st2.generic.inquiry' },
      { limit: 100, offset: 0 },
    );
    expect(items.map(({ payload }) => payload)).toContainEqual({ id, route: 'ops' });
    await flows.server.executions.cancel(id, 'ann');
  });

  it('ends with the answer, which is added to what was asked', async () => {
    const id = await alone({});
    expect(await hasDeadline(id)).toBe(true);
    await answer(id);
    const { status, result } = await flows.ended(id);
    expect(status).toBe('succeeded');
    expect(result).toMatchObject({ route: '', ttl: 1440, response: YES });
    expect(await hasDeadline(id)).toBe(false);
  });

  it('without a time to answer sets no timer', async () => {
    const id = await alone({ ttl: 0 });
    expect(await hasDeadline(id)).toBe(false);
    await answer(id);
  });

  it('is canceled at once', async () => {
    const id = await alone({});
    expect((await flows.server.executions.cancel(id, 'ann')).status).toBe('canceled');
    await expect(answer(id)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('canceled') });
  });

  it('whose schema is none fails, and says so', async () => {
    const { id } = await flows.request('never');
    expect((await flows.ended(id)).status).toBe('failed');
    const [ask] = await flows.children(id);
    expect(await flows.server.store.getResult(ask?.id ?? '')).toMatchObject({
      error: expect.stringContaining('its `schema` is not valid'),
    });
  });
});

describe('an answer that is refused', () => {
  const refusal = (work: Promise<unknown>): Promise<JsonObject | undefined> =>
    work.then(
      () => undefined,
      ({ code, message }: { code: string; message: string }): JsonObject => ({ code, message }),
    );

  it('names the field that is wrong, and leaves the inquiry as it is', async () => {
    const { id, inquiry } = await asked('graph');
    expect(await refusal(answer(inquiry, { size: 'big' }))).toEqual({
      code: 'invalid',
      message: expect.stringMatching(/field "size": it must be integer\. Its schema: `petrel inquiry get/),
    });
    expect(await refusal(answer(inquiry, {}))).toMatchObject({
      message: expect.stringContaining("'size' is a required"),
    });
    expect(await statusOf(inquiry)).toBe('pending');
    expect(await statusOf(id)).toBe('paused');
    await flows.server.executions.cancel(id, 'ann');
  });

  it('is one of somebody who may not', async () => {
    const byName = await alone({ users: ['bob'] });
    expect(await refusal(answer(byName))).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('"ann"'),
    });
    await answer(byName, YES, { user: 'bob', roles: [] });
    const byRole = await alone({ roles: ['dba'] });
    expect(await refusal(answer(byRole))).toMatchObject({ code: 'forbidden' });
    await answer(byRole, YES, { user: 'ann', roles: ['dba'] });
    // As StackStorm: both must fit.
    const byBoth = await alone({ roles: ['dba'], users: ['bob'] });
    expect(await refusal(answer(byBoth, YES, { user: 'ann', roles: ['dba'] }))).toMatchObject({ code: 'forbidden' });
    await flows.server.executions.cancel(byBoth, 'ann');
  });

  it('is a second one, also at the same moment', async () => {
    const id = await alone({});
    const both = await Promise.all([refusal(answer(id)), refusal(answer(id, { continue: false }))]);
    expect(both.filter((one) => one === undefined)).toHaveLength(1);
    expect(both).toContainEqual({ code: 'invalid', message: expect.stringContaining('already been responded to') });
    expect(await refusal(answer(id))).toMatchObject({ message: expect.stringContaining('already been responded to') });
  });

  it('is one for what is no inquiry', async () => {
    expect(await refusal(answer('000000000000000000000000'))).toMatchObject({ code: 'not_found' });
    const { id } = await flows.server.executions.request({ actionRef: 'core.noop', parameters: {}, user: 'ann' });
    await flows.ended(id);
    expect(await refusal(answer(id))).toMatchObject({ code: 'invalid', message: expect.stringContaining('core.noop') });
  });
});

describe('secret fields of an answer', () => {
  it('are sealed in the database, and reach the workflow in clear text', async () => {
    const { id, inquiry } = await asked('graph');
    await answer(inquiry, { size: 3, pin: 'hunter2hunter2' });
    await flows.ended(id);
    const stored = JSON.stringify([
      await flows.server.store.getResult(inquiry),
      await flows.server.store.readJournal(id),
      await flows.server.store.getResult(id),
    ]);
    expect(stored).not.toContain('hunter2hunter2');
    expect(stored).toContain('$sealed');
  });
});

describe.each(['graph', 'chain'])('a %s with an inquiry', (name) => {
  it('stands still, and goes on by itself with the answer', async () => {
    const { id, inquiry } = await asked(name);
    expect(await tasksOf(id)).toEqual(['ask']);
    await flows.restart();
    expect(await statusOf(id)).toBe('paused');
    await answer(inquiry, { size: 3 });
    const { status, result } = await flows.ended(id);
    expect(status).toBe('succeeded');
    expect(await tasksOf(id)).toEqual(['after', 'ask']);
    if (name === 'graph') expect(result).toEqual({ output: { size: 3 } });
    else {
      const after = await flows.child(id, 'after', 'succeeded');
      expect(await flows.server.store.getResult(after.id)).toMatchObject({ stdout: '3 3' });
    }
  });

  it('follows its other way when nobody answers in time', async () => {
    const { id, inquiry } = await asked(name);
    await expire(inquiry);
    const { status, result } = await flows.ended(inquiry);
    expect(status).toBe('timeout');
    expect(result).toMatchObject({ ttl: 1440, schema: expect.anything() });
    expect((await flows.ended(id)).status).toBe('succeeded');
    expect(await tasksOf(id)).toEqual(['alarm', 'ask']);
    expect(await hasDeadline(inquiry)).toBe(false);
    await expect(answer(inquiry, { size: 1 })).rejects.toMatchObject({ message: expect.stringContaining('timed out') });
  });

  it('that a person paused stays paused, and takes the answer in when it is resumed', async () => {
    const { id, inquiry } = await asked(name);
    await flows.server.executions.resume(id, 'ann');
    expect(await statusOf(id)).toBe('running');
    await flows.server.executions.pause(id, 'ann');
    expect(['pausing', 'paused']).toContain(await statusOf(id));
    await answer(inquiry, { size: 3 });
    await flows.reached(id, 'paused');
    expect(await tasksOf(id)).toEqual(['ask']);
    await flows.restart();
    expect(await statusOf(id)).toBe('paused');
    await flows.server.executions.resume(id, 'ann');
    expect((await flows.ended(id)).status).toBe('succeeded');
    expect(await tasksOf(id)).toEqual(['after', 'ask']);
  });

  it('that stands still for it can be paused by a person, and stays so', async () => {
    const { id, inquiry } = await asked(name);
    const { status, context } = await flows.server.executions.pause(id, 'ann');
    expect({ status, by: context.paused_by }).toEqual({ status: 'paused', by: 'ann' });
    await flows.restart();
    await answer(inquiry, { size: 3 });
    expect(await statusOf(id)).toBe('paused');
    await flows.server.executions.resume(id, 'ann');
    expect((await flows.ended(id)).status).toBe('succeeded');
  });

  it('is canceled with its inquiry', async () => {
    const { id, inquiry } = await asked(name);
    expect((await flows.server.executions.cancel(id, 'ann')).status).toBe('canceled');
    expect(await statusOf(inquiry)).toBe('canceled');
  });

  it('is canceled when its inquiry is', async () => {
    const { id, inquiry } = await asked(name);
    await flows.server.executions.cancel(inquiry, 'ann');
    expect((await flows.ended(id)).status).toBe('canceled');
    expect(await tasksOf(id)).toEqual(['ask']);
  });
});

describe('an action-chain that publishes an answer', () => {
  const said = async (id: Id) => {
    expect((await flows.ended(id)).status).toBe('succeeded');
    const after = await flows.child(id, 'after', 'succeeded');
    expect(await flows.server.store.getResult(after.id)).toMatchObject({ stdout: 'True' });
  };

  it('does so when it is there', async () => {
    const { id, inquiry } = await asked('publishes');
    await answer(inquiry);
    await said(id);
  });

  it('does so when a person had paused it meanwhile', async () => {
    const { id, inquiry } = await asked('publishes');
    expect((await flows.server.executions.pause(id, 'ann')).status).toBe('paused');
    await answer(inquiry);
    expect(await statusOf(id)).toBe('paused');
    await flows.server.executions.resume(id, 'ann');
    await said(id);
  });

  it('fails when it never comes: what it lacks cannot be published', async () => {
    const { id, inquiry } = await asked('publishes');
    await expire(inquiry);
    expect(await flows.ended(id)).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('publish parameter "goes_on"') },
    });
  });
});

describe('a workflow without a way for failures', () => {
  it('fails when nobody answers in time, also when a person has paused it', async () => {
    const first = await asked('bare');
    await expire(first.inquiry);
    expect((await flows.ended(first.id)).status).toBe('failed');
    const second = await asked('bare');
    await flows.server.executions.resume(second.id, 'ann');
    await flows.server.executions.pause(second.id, 'ann');
    await flows.reached(second.id, 'paused');
    await expire(second.inquiry);
    expect((await flows.ended(second.id)).status).toBe('failed');
  });
});

describe.each(['graph', 'chain', 'bare'])('workflows above a %s with an inquiry', (name) => {
  const response = name === 'bare' ? YES : { size: 1 };
  const parameters = { name: `flows.${name}` };

  async function below(): Promise<{ root: Id; middle: Id; id: Id; inquiry: Id }> {
    const { id: root } = await flows.request('outer_chain', parameters);
    await flows.reached(root, 'paused');
    const middle = await flows.child(root, 'call', 'paused');
    const inner = await flows.child(middle.id, 'call', 'paused');
    const inquiry = await flows.child(inner.id, 'ask', 'pending');
    return { root, middle: middle.id, id: inner.id, inquiry: inquiry.id };
  }

  it('stand still with it, and go on with it up to the root', async () => {
    const { root, middle, id, inquiry } = await below();
    await flows.restart();
    await answer(inquiry, response);
    for (const one of [id, middle, root]) expect((await flows.ended(one)).status).toBe('succeeded');
    expect(await tasksOf(root)).toEqual(['call', 'finish']);
  });

  it('keep it still when a person has paused one of them', async () => {
    const { root, middle, id, inquiry } = await below();
    await flows.server.executions.resume(root, 'ann');
    await flows.reached(root, 'running');
    await flows.server.executions.pause(root, 'ann');
    await flows.reached(root, 'paused', 'pausing');
    await answer(inquiry, response);
    for (const one of [id, middle, root]) await flows.reached(one, 'paused');
    await flows.server.executions.resume(root, 'ann');
    expect((await flows.ended(root)).status).toBe('succeeded');
  });

  it('keep what became of it when only they were paused by a person', async () => {
    const { root, middle, inquiry } = await below();
    await flows.server.executions.pause(root, 'ann');
    await flows.server.executions.pause(middle, 'ann');
    await answer(inquiry, response);
    await flows.restart();
    for (const one of [middle, root]) expect(await statusOf(one)).toBe('paused');
    await flows.server.executions.resume(root, 'ann');
    expect((await flows.ended(root)).status).toBe('succeeded');
  });

  it('go on when it is canceled: they are canceled, too', async () => {
    const { root, inquiry } = await below();
    await flows.server.executions.cancel(inquiry, 'ann');
    expect((await flows.ended(root)).status).toBe('canceled');
  });

  it('are canceled with it', async () => {
    const { root, middle, id, inquiry } = await below();
    await flows.server.executions.cancel(root, 'ann');
    for (const one of [root, middle, id, inquiry]) expect((await flows.ended(one)).status).toBe('canceled');
  });
});

describe('an inquiry beside other tasks', () => {
  it('that is answered while they run lets the workflow go on with them', async () => {
    const gate = `inquiry${gates++}`;
    const { id } = await flows.request('beside', { gate });
    const inquiry = await flows.child(id, 'ask', 'pending');
    await flows.child(id, 'work', 'running');
    expect(await statusOf(id)).toBe('running');
    await answer(inquiry.id);
    await flows.open(gate);
    expect((await flows.ended(id)).status).toBe('succeeded');
    expect(await tasksOf(id)).toEqual(['ask', 'end', 'work']);
  });

  it('keeps the workflow from ending without it', async () => {
    const gate = `inquiry${gates++}`;
    const { id } = await flows.request('beside', { gate });
    const inquiry = await flows.child(id, 'ask', 'pending');
    await flows.open(gate);
    await flows.reached(id, 'paused');
    await answer(inquiry.id);
    expect((await flows.ended(id)).status).toBe('succeeded');
  });

  it('may be another inquiry: the workflow stands until both have their answer', async () => {
    const { id } = await flows.request('two');
    const left = await flows.child(id, 'left', 'pending');
    const right = await flows.child(id, 'right', 'pending');
    await flows.reached(id, 'paused');
    await answer(right.id);
    expect(await statusOf(id)).toBe('paused');
    await answer(left.id);
    expect((await flows.ended(id)).status).toBe('succeeded');
  });
});

describe.each([1, 2, 3])('inquiries over items, %i at a time', (concurrency) => {
  const pending = async (id: Id) => (await flows.children(id)).filter(({ status }) => status === 'pending');
  const next = async (id: Id): Promise<Id> => {
    for (;;) {
      const [one] = await pending(id);
      if (one !== undefined) return one.id;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const SAID: Json = { output: { said: [true, true, true] } };

  it('are asked and answered to the end', async () => {
    const { id } = await flows.request('items', { concurrency });
    for (let count = 0; count < 3; count += 1) await answer(await next(id));
    expect(await flows.ended(id)).toEqual({ status: 'succeeded', result: SAID });
  });

  it('that are answered while a person has paused the workflow are taken in when it is resumed', async () => {
    const { id } = await flows.request('items', { concurrency });
    await flows.reached(id, 'paused');
    await flows.server.executions.pause(id, 'ann');
    const first = await pending(id);
    for (const inquiry of first) await answer(inquiry.id);
    expect(await statusOf(id)).toBe('paused');
    expect(await flows.children(id)).toHaveLength(first.length);
    await flows.server.executions.resume(id, 'ann');
    for (let count = first.length; count < 3; count += 1) await answer(await next(id));
    expect(await flows.ended(id)).toEqual({ status: 'succeeded', result: SAID });
  });
});
