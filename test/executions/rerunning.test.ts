import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Id } from '../../src/model/index.ts';
import { startWorkflowServer, type WorkflowFile, type WorkflowServer } from './workflow-server.ts';

const graph = (text: string): WorkflowFile => ({
  runner: 'orquesta',
  parameters: '{file: {type: string}}',
  text: `version: 1.0\ninput: [file]\n${text}`,
});

/** Succeeds when the file is there. */
const NEEDS = 'core.local cmd="cat <% ctx().file %>"';

const FILES: Readonly<Record<string, WorkflowFile>> = {
  line: graph(`
tasks:
  begin:
    action: core.echo message="begun"
    next: [{when: <% succeeded() %>, publish: begun=<% result().stdout %>, do: needs}]
  needs:
    action: ${NEEDS}
    next: [{when: <% succeeded() %>, do: finish}]
  finish:
    action: core.noop
output:
  - begun: <% ctx().begun %>
`),
  items: graph(`
tasks:
  each:
    with: item in <% ["/dev/null", ctx().file] %>
    action: core.local cmd="cat <% item(item) %> && echo read"
    next: [{when: <% succeeded() %>, publish: read=<% result().select($.stdout) %>}]
output:
  - read: <% ctx().read %>
`),
  beside: graph(`
tasks:
  fails:
    action: ${NEEDS}
    next: [{when: <% succeeded() %>, do: both}]
  slow:
    action: flows.gate name="slow"
    next: [{when: <% succeeded() %>, publish: slow=<% result().stdout %>, do: both}]
  both:
    join: all
    action: core.noop
output:
  - slow: <% ctx().get(slow) %>
`),
  chain: { runner: 'action-chain', text: 'chain:\n  - {name: only, ref: core.noop}\n' },
};

let flows: WorkflowServer;
let files = 0;

beforeAll(async () => {
  flows = await startWorkflowServer(FILES);
});

afterAll(async () => {
  await flows.close();
});

const tasksOf = async (id: Id) => (await flows.children(id)).map(({ taskName }) => taskName).sort();
const rerun = (id: Id, tasks: readonly string[], reset: readonly string[] = []) =>
  flows.server.executions.rerun(id, { user: 'ann', tasks, reset });

async function failed(name: string) {
  const file = `needed${files++}`;
  const { id } = await flows.request(name, { file: join(flows.directory, file) });
  expect((await flows.ended(id)).status).toBe('failed');
  return { id, mend: () => flows.open(file) };
}

describe('a re-run of tasks', () => {
  it('is a new execution that goes on from the failed task, with what the old one had published', async () => {
    const { id, mend } = await failed('line');
    await mend();
    const again = await rerun(id, ['needs']);
    expect(again.id).not.toBe(id);
    expect(again.context).toMatchObject({ 're-run': { ref: id, tasks: ['needs'] } });
    expect(await flows.ended(again.id)).toEqual({ status: 'succeeded', result: { output: { begun: 'begun' } } });
    expect(await tasksOf(again.id)).toEqual(['finish', 'needs']);
    expect((await flows.server.store.getExecution(id))?.status).toBe('failed');
  });

  it('begins its journal with a copy of the old one', async () => {
    const { id, mend } = await failed('line');
    await mend();
    const again = await rerun(id, ['needs']);
    await flows.ended(again.id);
    const before = (await flows.server.store.readJournal(id)).map(({ event }) => event);
    const events = (await flows.server.store.readJournal(again.id)).map(({ event }) => event);
    expect(events.slice(0, before.length)).toEqual(before);
    expect(events[before.length]).toMatchObject({ input: { type: 'rerun', tasks: [{ task: 'needs' }] } });
  });

  it('can fail again, and be run again from there, over a restart', async () => {
    const { id, mend } = await failed('line');
    const second = await rerun(id, ['needs']);
    expect((await flows.ended(second.id)).status).toBe('failed');
    await flows.restart();
    await mend();
    const third = await rerun(second.id, ['needs']);
    await flows.restart();
    expect((await flows.ended(third.id)).status).toBe('succeeded');
  });

  it('runs the failed items again, or all of them', async () => {
    const { id, mend } = await failed('items');
    await mend();
    const some = await rerun(id, ['each']);
    expect(await flows.ended(some.id)).toEqual({ status: 'succeeded', result: { output: { read: ['read', 'read'] } } });
    expect(await tasksOf(some.id)).toEqual(['each']);
    const all = await rerun(id, ['each'], ['each']);
    expect((await flows.ended(all.id)).status).toBe('succeeded');
    expect(await tasksOf(all.id)).toEqual(['each', 'each']);
  });

  it('counts tasks that ended after the workflow had failed, and waits for none that never will', async () => {
    const { id, mend } = await failed('beside');
    await mend();
    await expect(rerun(id, ['fails'])).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('slow'),
    });
    await flows.open('slow');
    await flows.child(id, 'slow', 'succeeded');
    const again = await rerun(id, ['fails']);
    expect(await flows.ended(again.id)).toEqual({ status: 'succeeded', result: { output: { slow: 'slow' } } });
    expect(await tasksOf(again.id)).toEqual(['both', 'fails']);
    await rm(join(flows.directory, 'slow'));
  });

  it('is refused with what can be done instead', async () => {
    const { id } = await failed('line');
    await expect(rerun(id, ['nope'])).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('nope'),
    });
    await expect(rerun(id, ['needs'], ['begin'])).rejects.toMatchObject({ code: 'invalid' });
    await expect(
      flows.server.executions.rerun(id, { user: 'ann', tasks: ['needs'], parameters: { file: 'x' } }),
    ).rejects.toMatchObject({ code: 'invalid' });
    const { id: chain } = await flows.request('chain');
    await flows.ended(chain);
    await expect(rerun(chain, ['only'])).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('Orquesta'),
    });
    const action = await flows.server.executions.request({ actionRef: 'core.noop', parameters: {}, user: 'ann' });
    await expect(rerun(action.id, ['only'])).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('a re-run without tasks', () => {
  it('runs the same from the beginning, with other parameters where they are given', async () => {
    const { id, mend } = await failed('line');
    await mend();
    const again = await flows.server.executions.rerun(id, { user: 'ann' });
    expect(again.context).toMatchObject({ 're-run': { ref: id } });
    expect((await flows.ended(again.id)).status).toBe('succeeded');
    expect(await tasksOf(again.id)).toEqual(['begin', 'finish', 'needs']);
    const other = await flows.server.executions.rerun(id, { user: 'ann', parameters: { file: '/nothing' } });
    expect((await flows.ended(other.id)).status).toBe('failed');
  });
});
