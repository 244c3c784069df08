import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Id, JsonObject } from '../../src/model/index.ts';
import { workflowKinds } from '../../src/workflows/index.ts';
import { startWorkflowServer, type WorkflowFile, type WorkflowServer } from './workflow-server.ts';

/** A workflow whose `run` has this body; `file` and `gate` are parameters that most of them use. */
const code = (body: string, head = ''): WorkflowFile => ({
  runner: 'typescript-workflow',
  text: `import { appendFileSync } from 'node:fs';
import { defineWorkflow, z } from 'petrel/sdk';
${head}
const note = (file: string, line: string) => appendFileSync(file, line + '\\n');
export default defineWorkflow({
  input: z.object({ file: z.string().default('/dev/null'), gate: z.string().default('') }),
  async run({ input: { file, gate }, step, child, sleep, all, race, now, random, logger, config, execution }) {
    void [file, gate, step, child, sleep, all, race, now, random, logger, config, execution, note];
    ${body}
  },
});
`,
});

const FILES: Readonly<Record<string, WorkflowFile>> = {
  simple: code(`
    const one = await step('one', ({ logger, execution: { attempt } }) => {
      logger.info('in the step');
      return { attempt, at: new Date(0) };
    });
    const two = await child<{ stdout: string }>('two', 'core.echo', { message: 'hello' });
    await sleep('rest', 0.05);
    logger.info('at the end');
    return { one, two: two.stdout, user: execution.user };`),
  fails: code(`
    await step('make', () => note(file, 'make'), { onRollback: () => note(file, 'unmake') });
    await child('call', 'core.noop', {}, { onRollback: { action: 'core.echo', input: { message: 'undo' } } });
    await step('other', () => ({ n: 7 }), { onRollback: ({ n }) => { throw new Error('cannot undo ' + n); } });
    await step('broken', () => { throw new Error('no luck'); });`),
  configured: code(`return [config.place, await step('look', (context) => context.config.place)];`),
  caught: code(`
    try {
      await child('bad', 'core.local', { cmd: 'exit 3' });
    } catch (error) {
      const { name, step: at, status, result } = error as never as Record<string, unknown> & { result: { return_code: number } };
      return { name, at, status, code: result.return_code };
    }`),
  unknown: code(`await child('nobody', 'core.nobody');`),
  retried: code(`
    return await step('flaky', () => {
      note(file, 'try');
      throw new Error('again');
    }, { retry: { count: 2, delay: 0.01 } });`),
  racing: code(`
    return await race([child('slow', 'core.local', { cmd: 'sleep 60' }), sleep('long', 60), step('quick', () => 'first')]);`),
  raced_tree: code(`
    return await race([child('calls', 'flows.gated', { gate: '/nowhere' }), sleep('limit', 0.3)]);`),
  gated: code(`
    const passed = await child<{ stdout: string }>('wait', 'flows.gate', { name: gate });
    const after = await step('after', () => { note(file, 'after'); return 1; });
    return { passed: passed.stdout, after };`),
  both: code(`
    const [left, right] = await all([
      child<{ stdout: string }>('left', 'flows.gate', { name: gate + 'l' }),
      child<{ stdout: string }>('right', 'flows.gate', { name: gate + 'r' }),
    ]);
    return [left.stdout, right.stdout, await step('after', () => 'after')];`),
  naps: code(`
    for (let n = 0; n < 60; n += 1) await sleep('nap', 0.004);
    return 'rested';`),
  waits: code(`await new Promise(() => {});`),
  restarted: code(`
    const before = await step('before', () => { note(file, 'before'); return random(); });
    const chance = random();
    const at = now();
    await child('wait', 'flows.gate', { name: gate });
    const after = await step('after', () => [before, chance, at, random()]);
    return { same: JSON.stringify(after) === JSON.stringify([before, chance, at, after[3]]) };`),
  secret: code(`
    const token = await step('token', ({ secret }) => ({ token: secret('hunter2-hunter2') }));
    logger.info('the token is ' + token.token);
    return { used: await step('use', () => token.token.length), token };`),
  typed: {
    runner: 'typescript-workflow',
    text: `import { defineWorkflow, z } from 'petrel/sdk';
export default defineWorkflow({
  input: z.object({ n: z.int() }),
  output: z.object({ m: z.int() }),
  run: async ({ input, step }) => ({ m: await step('half', () => input.n / 2) }),
});
`,
  },
};

let flows: WorkflowServer;
let names = 0;

beforeAll(async () => {
  flows = await startWorkflowServer(FILES, () => ({ 'config.schema.yaml': 'place: {type: string, default: here}\n' }));
});

afterAll(async () => {
  await flows.close();
});

const newFile = () => join(flows.directory, `file${names++}`);
const newGate = () => `gate${names++}`;
const linesOf = async (file: string) => (await readFile(file, 'utf8')).trim().split('\n');
const tasksOf = async (id: Id) =>
  (await flows.children(id)).map(({ taskName, status }) => `${taskName} ${status}`).reverse();
const historyOf = async (id: Id) => {
  const journal = await flows.server.store.readJournal(id);
  return workflowKinds.get('typescript-workflow')?.history(journal.map(({ event }) => event)) ?? [];
};
const outputOf = async (id: Id) => (await flows.server.store.listOutput(id, 0, 100)).map(({ data }) => data);

async function run(name: string, parameters: JsonObject = {}) {
  const { id } = await flows.request(name, parameters);
  return { id, ...(await flows.ended(id)) };
}

describe('a workflow in TypeScript', () => {
  it('runs steps and actions as its children and answers what it returns', async () => {
    const { id, status, result } = await run('simple');
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: { result: { one: { attempt: 1, at: '1970-01-01T00:00:00.000Z' }, two: 'hello', user: 'stanley' } },
    });
    expect(await tasksOf(id)).toEqual(['one succeeded', 'two succeeded', 'rest succeeded']);
    expect(await outputOf(id)).toEqual(['INFO  at the end\n']);
    const [one] = (await flows.children(id)).slice(-1);
    expect(await outputOf(one?.id ?? '')).toEqual(['INFO  in the step\n']);
    expect((await historyOf(id)).slice(1)).toEqual([
      'requests one (step)',
      'one succeeded',
      'requests two (core.echo)',
      'two succeeded',
      'requests rest (sleep)',
      'rest succeeded',
      'logs 1 line',
      'workflow succeeded',
    ]);
  });

  it('holds what it returns against its output', async () => {
    expect(await run('typed', { n: 4 })).toMatchObject({ status: 'succeeded', result: { result: { m: 2 } } });
    expect(await run('typed', { n: 5 })).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('What flows.typed answered does not fit its output: m: ') },
    });
  });

  it('has the configuration of its pack, in its steps, too', async () => {
    expect(await run('configured')).toMatchObject({ status: 'succeeded', result: { result: ['here', 'here'] } });
  });

  it('sees how a child failed, and may go on', async () => {
    expect(await run('caught')).toMatchObject({
      status: 'succeeded',
      result: { result: { name: 'StepError', at: 'bad', status: 'failed', code: 3 } },
    });
  });

  it('fails when it calls an action that is not there', async () => {
    expect(await run('unknown')).toMatchObject({
      status: 'failed',
      result: {
        error: expect.stringContaining('"nobody" (core.nobody) was refused: Action "core.nobody" doesn\'t exist'),
      },
    });
  });

  it('fails when it awaits something that is no step', async () => {
    expect(await run('waits')).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('The code of flows.waits awaits something that is no step') },
    });
  });

  it('tries a step again as often as it says', async () => {
    const file = newFile();
    const { id, status, result } = await run('retried', { file });
    expect({ status, result }).toMatchObject({ status: 'failed', result: { error: '"flaky" failed: again' } });
    expect(await linesOf(file)).toEqual(['try', 'try', 'try']);
    expect((await historyOf(id)).slice(1)).toEqual([
      'requests flaky (step)',
      'flaky failed; tries again in 0.01 s (try 2)',
      'flaky failed; tries again in 0.02 s (try 3)',
      'flaky failed',
      'workflow failed: "flaky" failed: again',
    ]);
  });

  it('wakes up from every sleep, however it falls together with the clock', async () => {
    expect(await run('naps')).toMatchObject({ status: 'succeeded', result: { result: 'rested' } });
  });

  it('keeps secrets out of everything that is shown', async () => {
    const { id, status } = await run('secret');
    expect(status).toBe('succeeded');
    expect(await outputOf(id)).toEqual(['INFO  the token is ********\n']);
    const journal = await flows.server.store.readJournal(id);
    expect(JSON.stringify([journal, await flows.server.store.getResult(id)])).not.toContain('hunter2');
  });
});

describe('a workflow that fails', () => {
  it('undoes what succeeded, the last first, and says what it could not undo', async () => {
    const file = newFile();
    const { id, status, result } = await run('fails', { file });
    expect({ status, result }).toEqual({
      status: 'failed',
      result: {
        result: null,
        error: '"broken" failed: no luck',
        traceback: '',
        rollback: { undone: ['call', 'make'], failed: [{ task: 'other', error: 'cannot undo 7' }] },
      },
    });
    expect(await linesOf(file)).toEqual(['make', 'unmake']);
    expect(await tasksOf(id)).toEqual([
      'make succeeded',
      'call succeeded',
      'other succeeded',
      'broken failed',
      'other failed',
      'call succeeded',
      'make succeeded',
    ]);
    const contexts = (await flows.children(id)).map(({ context }) => (context.typescript as JsonObject).kind);
    expect(contexts.slice(0, 3)).toEqual(['rollback', 'rollback', 'rollback']);
  });
});

describe('a race', () => {
  it('cancels those that lost, whether they run or wait', async () => {
    const { id, status, result } = await run('racing');
    expect({ status, result }).toEqual({ status: 'succeeded', result: { result: 'first' } });
    await flows.child(id, 'slow', 'canceled');
    await flows.child(id, 'long', 'canceled');
  });

  it('cancels a workflow that lost with everything below it', async () => {
    const { id, status, result } = await run('raced_tree');
    expect({ status, result }).toEqual({ status: 'succeeded', result: { result: null } });
    const calls = await flows.child(id, 'calls', 'canceled');
    await flows.child(calls.id, 'wait', 'canceled');
  });
});

describe('a restart', () => {
  it('changes nothing: the code goes on where it was, and no step that ended runs again', async () => {
    const file = newFile();
    const gate = newGate();
    const { id } = await flows.request('restarted', { file, gate });
    await flows.child(id, 'wait', 'running');
    await flows.restart();
    await flows.open(gate);
    expect(await flows.ended(id)).toEqual({ status: 'succeeded', result: { result: { same: true } } });
    expect(await linesOf(file)).toEqual(['before']);
  });
});

describe('pausing', () => {
  it('lets what runs end, tells the code nothing, and goes on when it is resumed, over restarts', async () => {
    const gate = newGate();
    const { id } = await flows.request('both', { gate });
    await flows.child(id, 'left', 'running');
    await flows.child(id, 'right', 'running');
    expect((await flows.server.executions.pause(id, 'ann')).status).toBe('pausing');
    await flows.open(`${gate}r`);
    await flows.child(id, 'right', 'succeeded');
    await flows.restart();
    await flows.open(`${gate}l`);
    await flows.reached(id, 'paused');
    await flows.restart();
    expect(await tasksOf(id)).toEqual(['left succeeded', 'right succeeded']);
    await flows.server.executions.resume(id, 'ann');
    expect(await flows.ended(id)).toEqual({
      status: 'succeeded',
      result: { result: [`${gate}l`, `${gate}r`, 'after'] },
    });
  });
});

describe('canceling', () => {
  it('takes the children with it, and rolls nothing back', async () => {
    const file = newFile();
    const { id } = await flows.request('gated', { file, gate: newGate() });
    await flows.child(id, 'wait', 'running');
    await flows.server.executions.cancel(id, 'ann');
    expect(await flows.ended(id)).toEqual({ status: 'canceled', result: { result: null } });
    expect(await tasksOf(id)).toEqual(['wait canceled']);
  });
});

describe('running again', () => {
  it('is refused for single tasks', async () => {
    const { id } = await run('simple');
    const again = flows.server.executions.rerun(id, { user: 'ann', tasks: ['two'] });
    await expect(again).rejects.toThrow('run flows.simple again as a whole: leave `tasks` out.');
  });
});

describe('core.step', () => {
  it('cannot be requested by itself', async () => {
    const { id } = await flows.server.executions.request({ actionRef: 'core.step', parameters: {}, user: 'ann' });
    const { status, result } = await flows.ended(id);
    expect(status).toBe('failed');
    expect(result).toMatchObject({
      error: expect.stringContaining(`Execution ${id} is no step that a workflow waits for.`),
    });
  });
});
