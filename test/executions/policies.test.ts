import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Execution, ExecutionStatus, Id, JsonObject } from '../../src/model/index.ts';
import { startWorkflowServer, type WorkflowFile, type WorkflowServer } from './workflow-server.ts';

const graph = (tasks: string, input = ''): WorkflowFile => ({
  runner: 'orquesta',
  text: `version: 1.0\n${input}tasks:\n${tasks}`,
  ...(input !== '' && { parameters: '{name: {type: string}}' }),
});

// Calls itself twice.
const NESTED = `version: 1.0
input: [name, depth]
tasks:
  begin:
    action: core.noop
    next:
      - {when: <% ctx().depth < 2 %>, do: below}
  below:
    action: flows.nested
    input: {name: <% ctx().name %>, depth: <% ctx().depth + 1 %>}
`;

const WORKFLOWS: Readonly<Record<string, WorkflowFile>> = {
  single: graph('  wait: {action: flows.gate name=<% ctx().name %>}\n', 'input: [name]\n'),
  calls: graph('  call: {action: flows.fails}\n'),
  nested: {
    runner: 'orquesta',
    text: NESTED,
    parameters: '{name: {type: string}, depth: {type: integer, default: 0}}',
  },
};
/** An action that says when it begins and ends, and goes on when its gate is opened. */
const recorded = (name: string, directory: string) => `name: ${name}
runner_type: local-shell-cmd
parameters:
  name: {type: string, required: true}
  host: {type: string}
  secret: {type: string, secret: true}
  cmd:
    immutable: true
    default: "echo +{{ name }} >> ${directory}/log; until [ -e ${directory}/{{ name }} ]; do sleep 0.02; done; echo -{{ name }} >> ${directory}/log"
`;

const policy = (name: string, type: string, parameters: string) =>
  `name: ${name}\nresource_ref: flows.${name}\npolicy_type: action.${type}\nparameters: ${parameters}\n`;

let flows: WorkflowServer;

beforeAll(async () => {
  flows = await startWorkflowServer(WORKFLOWS, (directory) => ({
    'actions/two.yaml': recorded('two', directory),
    'actions/choosy.yaml': recorded('choosy', directory),
    'actions/apart.yaml': recorded('apart', directory),
    'actions/quick.yaml': 'name: quick\nrunner_type: local-shell-cmd\nparameters: {cmd: {default: sleep 0.01}}\n',
    'policies/quick.yaml': policy('quick', 'concurrency', '{threshold: 2}'),
    'actions/free.yaml': recorded('free', directory),
    'actions/fails.yaml':
      'name: fails\nrunner_type: local-shell-cmd\nparameters: {cmd: {default: exit 3}, tag: {type: string}, secret: {type: string, secret: true}}\n',
    'actions/slow.yaml':
      'name: slow\nrunner_type: local-shell-cmd\nparameters: {cmd: {default: sleep 30}, timeout: {default: 1}}\n',
    'policies/two.yaml': policy('two', 'concurrency', '{threshold: 2}'),
    'policies/choosy.yaml': policy('choosy', 'concurrency', '{threshold: 1, action: cancel}'),
    'policies/apart.yaml': policy('apart', 'concurrency.attr', '{threshold: 1, attributes: [host, secret]}'),
    'policies/free.yaml': `${policy('free', 'concurrency', '{threshold: 1}')}enabled: false\n`,
    'policies/single.yaml': policy('single', 'concurrency', '{threshold: 1}'),
    'policies/nested.yaml': policy('nested', 'concurrency', '{threshold: 1}'),
    'policies/fails.yaml': policy('fails', 'retry', '{retry_on: failure, max_retry_count: 2, delay: 0.2}'),
    'policies/slow.yaml': policy('slow', 'retry', '{retry_on: timeout, max_retry_count: 1}'),
    'policies/calls.yaml': policy('calls', 'retry', '{retry_on: timeout}'),
  }));
});

afterAll(() => flows.close());

beforeEach(async () => {
  await rm(join(flows.directory, 'log'), { force: true });
});

const events = async (): Promise<string[]> => {
  const text = await readFile(join(flows.directory, 'log'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
};

async function untilLogged(...lines: readonly string[]): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const seen = await events();
    if (lines.every((line) => seen.includes(line))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${lines.join(', ')} did not come about.`);
}

const statusOf = async (id: Id) => (await flows.server.store.getExecution(id))?.status;
const PAGE = { limit: 1000, offset: 0 };
const words = (execution: Execution | undefined): readonly ExecutionStatus[] =>
  execution?.log.map(({ status }) => status) ?? [];

async function requestAll(action: string, names: readonly string[], more: JsonObject = {}): Promise<Execution[]> {
  const all: Execution[] = [];
  for (const name of names) all.push(await flows.request(action, { name, ...more }));
  return all;
}

/** Of the policy `two`, once the server has read it. */
async function setThreshold(threshold: number): Promise<void> {
  const read = new Promise<void>((resolve) => {
    const stop = flows.server.registry.onChange(({ policies }) => {
      const parameters = policies.get('flows.two')?.parameters ?? {};
      if (!('threshold' in parameters) || parameters.threshold !== threshold) return;
      stop();
      resolve();
    });
  });
  const file = join(flows.directory, 'packs/flows/policies/two.yaml');
  await writeFile(file, policy('two', 'concurrency', `{threshold: ${threshold}}`));
  await read;
}

describe('a concurrency policy', () => {
  it('lets as many run as its threshold says, and the others in the order of their requests', async () => {
    const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
    const all = await requestAll('two', names);
    await untilLogged('+a1', '+a2');
    for (const { id } of all.slice(2)) await flows.reached(id, 'delayed');
    for (const [index, name] of names.entries()) {
      await flows.open(name);
      await untilLogged(`-${name}`, ...names.slice(0, index + 3).map((one) => `+${one}`));
    }
    for (const { id } of all) expect((await flows.ended(id)).status).toBe('succeeded');
    const seen = await events();
    let running = 0;
    for (const line of seen) {
      running += line.startsWith('+') ? 1 : -1;
      expect(running).toBeLessThanOrEqual(2);
    }
    expect(seen.filter((line) => line.startsWith('+'))).toEqual(names.map((name) => `+${name}`));
    const last = await flows.server.store.getExecution(all[5]?.id ?? '');
    expect(words(last)).toEqual(['requested', 'delayed', 'scheduled', 'running', 'succeeded']);
    expect(last?.startedAt).toBeGreaterThan((last?.createdAt ?? 0) + 20);
  });

  it('gives the place of one that is canceled to the next, whether it ran or waited', async () => {
    const [first, second, third, fourth, fifth] = await requestAll('two', ['b1', 'b2', 'b3', 'b4', 'b5']);
    await untilLogged('+b1', '+b2');
    for (const one of [third, fourth, fifth]) await flows.reached(one?.id ?? '', 'delayed');
    expect((await flows.server.executions.cancel(third?.id ?? '', 'ann')).status).toBe('canceled');
    await flows.server.executions.cancel(first?.id ?? '', 'ann');
    await untilLogged('+b4');
    expect(await statusOf(fifth?.id ?? '')).toBe('delayed');
    for (const name of ['b2', 'b4', 'b5']) await flows.open(name);
    for (const one of [second, fourth, fifth]) expect((await flows.ended(one?.id ?? '')).status).toBe('succeeded');
    expect(await events()).not.toContain('+b3');
  });

  it('cancels what is too much where it says so, and says why', async () => {
    const [first, second] = await requestAll('choosy', ['c1', 'c2']);
    const { status, result } = await flows.ended(second?.id ?? '');
    expect(status).toBe('canceled');
    expect(result).toEqual({
      message:
        'Policy "flows.choosy" lets 1 of "flows.choosy" run at one time; this one was too many, so it was canceled. Raise its threshold, or let it delay.',
      policy: 'flows.choosy',
      threshold: 1,
    });
    await flows.open('c1');
    expect((await flows.ended(first?.id ?? '')).status).toBe('succeeded');
    const [third] = await requestAll('choosy', ['c1']);
    expect((await flows.ended(third?.id ?? '')).status).toBe('succeeded');
  });

  it('with attributes counts those with equal values by themselves', async () => {
    const [one] = await requestAll('apart', ['d1'], { host: 'a' });
    await untilLogged('+d1');
    const [same] = await requestAll('apart', ['d2'], { host: 'a' });
    await flows.reached(same?.id ?? '', 'delayed');
    const [other] = await requestAll('apart', ['d3'], { host: 'b' });
    const [none] = await requestAll('apart', ['d4']);
    const [secret] = await requestAll('apart', ['d5'], { host: 'a', secret: 'f0rty-two' });
    await untilLogged('+d3', '+d4', '+d5');
    const [sameSecret] = await requestAll('apart', ['d6'], { secret: 'f0rty-two', host: 'a' });
    await flows.reached(sameSecret?.id ?? '', 'delayed');
    expect(await statusOf(same?.id ?? '')).toBe('delayed');
    for (const name of ['d1', 'd2', 'd3', 'd4', 'd5', 'd6']) await flows.open(name);
    for (const item of [one, same, other, none, secret, sameSecret]) {
      expect((await flows.ended(item?.id ?? '')).status).toBe('succeeded');
    }
  });

  it('that is disabled limits nothing', async () => {
    await requestAll('free', ['e1', 'e2', 'e3']);
    await untilLogged('+e1', '+e2', '+e3');
    for (const name of ['e1', 'e2', 'e3']) await flows.open(name);
  });

  it('holds a place for a workflow until that has ended', async () => {
    const [first, second] = await requestAll('single', ['f1', 'f2']);
    await flows.child(first?.id ?? '', 'wait', 'running');
    await flows.reached(second?.id ?? '', 'delayed');
    expect(await flows.children(second?.id ?? '')).toEqual([]);
    await flows.open('f1');
    expect((await flows.ended(first?.id ?? '')).status).toBe('succeeded');
    await flows.child(second?.id ?? '', 'wait', 'running');
    await flows.server.executions.cancel(second?.id ?? '', 'ann');
    const [third] = await requestAll('single', ['f1']);
    expect((await flows.ended(third?.id ?? '')).status).toBe('succeeded');
  });

  it('does not let a workflow wait for itself', async () => {
    const [first, second] = await requestAll('nested', ['g1', 'g2']);
    for (const one of [first, second]) {
      const { status } = await flows.ended(one?.id ?? '');
      expect(status).toBe('succeeded');
      expect(await flows.children(one?.id ?? '')).toHaveLength(2);
    }
  });

  it('loses no place to those that are canceled, at whatever moment', async () => {
    const { executions, store } = flows.server;
    const ids: Id[] = [];
    const canceling: Promise<unknown>[] = [];
    for (let round = 0; round < 60; round += 1) {
      for (const action of ['quick', 'single']) {
        const { id } = await flows.request(action, action === 'single' ? { name: 'open' } : {});
        ids.push(id);
        const cancel = async () => {
          await new Promise((resolve) => setTimeout(resolve, round % 12));
          await executions.cancel(id, 'ann').catch(() => undefined);
        };
        if (round % 4 !== 3) canceling.push(round % 12 === 0 ? executions.cancel(id, 'ann').catch(() => 0) : cancel());
      }
    }
    await flows.open('open');
    await Promise.all(canceling);
    const ends = await Promise.all(ids.map((id) => flows.ended(id)));
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['canceled', 'succeeded']));
    const left = await store.listExecutions({ actionRef: 'flows.quick', statuses: ['delayed', 'running'] }, PAGE);
    expect(left.total).toBe(0);
    // Both places are free: what comes now does not wait.
    for (const action of ['quick', 'single']) {
      const last = await flows.request(action, action === 'single' ? { name: 'open' } : {});
      await flows.ended(last.id);
      expect(words(await store.getExecution(last.id))).not.toContain('delayed');
    }
  });

  it('is asked for by every one that waits again, when it is changed', async () => {
    const all = await requestAll('two', ['h1', 'h2', 'h3', 'h4', 'h5']);
    await untilLogged('+h1', '+h2');
    for (const { id } of all.slice(2)) await flows.reached(id, 'delayed');
    await setThreshold(4);
    await flows.open('h1');
    await untilLogged('+h3', '+h4', '+h5');
    for (const name of ['h2', 'h3', 'h4', 'h5']) await flows.open(name);
    for (const { id } of all) expect((await flows.ended(id)).status).toBe('succeeded');
  });

  it('outlasts a restart: who ran runs again, who waited goes on waiting', async () => {
    await setThreshold(1);
    const all = await requestAll('two', ['i1', 'i2', 'i3']);
    await untilLogged('+i1');
    for (const { id } of all.slice(1)) await flows.reached(id, 'delayed');
    await flows.restart();
    await flows.open('i1');
    await untilLogged('+i2');
    expect(await statusOf(all[2]?.id ?? '')).toBe('delayed');
    for (const name of ['i2', 'i3']) await flows.open(name);
    for (const { id } of all) expect((await flows.ended(id)).status).toBe('succeeded');
    expect(await events()).toEqual(['+i1', '+i1', '-i1', '+i2', '-i2', '+i3', '-i3']);
  });
});

/** All executions of an action, oldest first, once there are as many and all have ended. */
async function attempts(action: string, count: number): Promise<readonly Execution[]> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const filter = { actionRef: `flows.${action}`, order: 'oldest' } as const;
    const { items } = await flows.server.store.listExecutions(filter, { limit: 100, offset: 0 });
    if (items.length >= count && items.every(({ endedAt }) => endedAt !== undefined)) return items;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${count} executions of ${action} did not come about.`);
}

describe('a retry policy', () => {
  it('requests what failed again, as new executions that say what they follow, and gives up in the end', async () => {
    const created: Id[] = [];
    const stop = flows.server.executions.onChange((change) => {
      if (change.type === 'created') created.push(change.execution.id);
    });
    const { id } = await flows.server.executions.request({
      actionRef: 'flows.fails',
      parameters: { tag: '{{ 1 + 1 }}', secret: 'hidden-word' },
      user: 'stanley',
      literal: true,
      context: { ticket: 7, policies: { other: true } },
    });
    const [first, second, third, ...more] = await attempts('fails', 3);
    stop();
    expect(more).toEqual([]);
    expect(first?.id).toBe(id);
    for (const [before, again, retry] of [
      [first, second, 1],
      [second, third, 2],
    ] as const) {
      expect(again).toMatchObject({ status: 'failed', attempt: 1, parameters: first?.parameters });
      expect(flows.server.executions.openParameters(again as Execution)).toEqual({
        tag: '{{ 1 + 1 }}',
        secret: 'hidden-word',
      });
      expect(again?.context).toEqual({
        ...first?.context,
        policies: {
          other: true,
          retry: { applied_policy: 'flows.fails', retry_count: retry, retried_liveaction_id: before?.id },
        },
        trace_context: { id_: first?.id },
      });
      expect((again?.startedAt ?? 0) - (before?.endedAt ?? 0)).toBeGreaterThanOrEqual(200);
      expect(created).toContain(again?.id);
    }
  });

  it('follows a timeout where it says so', async () => {
    await flows.request('slow');
    const all = await attempts('slow', 2);
    expect(all.map(({ status }) => status)).toEqual(['timeout', 'timeout']);
  });

  it('leaves tasks of workflows, and other ends than its own, alone', async () => {
    const before = (await attempts('fails', 1)).length;
    const { id } = await flows.request('calls');
    expect((await flows.ended(id)).status).toBe('failed');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await attempts('fails', 1)).toHaveLength(before + 1);
    expect(await attempts('calls', 1)).toHaveLength(1);
  });
});
