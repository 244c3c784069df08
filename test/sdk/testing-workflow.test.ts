import { describe, expect, it } from 'vitest';
import { defineWorkflow, isStepError, never, testWorkflow, z } from '../../src/sdk/index.ts';

const create = defineWorkflow({
  input: z.object({ name: z.string(), size: z.int().default(20) }),
  output: z.object({ endpoint: z.string() }),
  async run({ input, step, child, sleep, logger }) {
    const spec = await step('specify', ({ config }) => ({ name: `${config.prefix}-${input.name}`, size: input.size }));
    const database = await child<{ endpoint: string }>('create', 'aws.create', spec, {
      onRollback: { action: 'aws.delete', input: { name: spec.name } },
      retry: { count: 1 },
    });
    await sleep('settle', 3600);
    await step('register', ({ datastore }) => datastore.set('endpoint', database.endpoint), {
      onRollback: (_, { datastore }) => datastore.delete('endpoint'),
    });
    logger.info('registered');
    await child('announce', 'chat.post', { text: spec.name });
    return database;
  },
});

const config = { prefix: 'team' };
const outcomes = { create: { endpoint: 'db:3306' }, announce: null };

describe('testWorkflow', () => {
  it('runs the steps, answers the children and shows every call', async () => {
    const { result, error, calls, context } = await testWorkflow(create, { input: { name: 'x' }, config, outcomes });
    expect({ result, error }).toEqual({ result: { endpoint: 'db:3306' }, error: undefined });
    expect(calls).toEqual([
      { kind: 'step', name: 'specify' },
      { kind: 'child', name: 'create', action: 'aws.create', input: { name: 'team-x', size: 20 } },
      { kind: 'sleep', name: 'settle', seconds: 3600 },
      { kind: 'step', name: 'register' },
      { kind: 'child', name: 'announce', action: 'chat.post', input: { text: 'team-x' } },
    ]);
    expect(context.keys.get('endpoint')?.value).toBe('db:3306');
    expect(context.logged).toEqual([{ level: 'info', message: 'registered' }]);
  });

  it('undoes what succeeded when the workflow fails', async () => {
    const failing = { ...outcomes, announce: new Error('no chat') };
    const { error, rolledBack, notRolledBack, calls, context } = await testWorkflow(create, {
      input: { name: 'x' },
      config,
      outcomes: failing,
    });
    expect(isStepError(error) && [error.step, error.message]).toEqual(['announce', '"announce" failed: no chat']);
    expect([rolledBack, notRolledBack]).toEqual([['register', 'create'], []]);
    expect(calls.slice(-2)).toEqual([
      { kind: 'rollback', name: 'register' },
      { kind: 'rollback', name: 'create', action: 'aws.delete', input: { name: 'team-x' } },
    ]);
    expect(context.keys.has('endpoint')).toBe(false);
  });

  it('says what could not be undone', async () => {
    const failing = { ...outcomes, announce: new Error('no'), 'aws.delete': new Error('denied') };
    const tested = await testWorkflow(create, { input: { name: 'x' }, config, outcomes: failing });
    expect([tested.rolledBack, tested.notRolledBack]).toEqual([['register'], [{ name: 'create', error: 'denied' }]]);
  });

  it('takes a list of outcomes in turn, so that a second try succeeds', async () => {
    const second = { ...outcomes, create: [new Error('throttled'), { endpoint: 'db:1' }] };
    const { result, calls } = await testWorkflow(create, { input: { name: 'x' }, config, outcomes: second });
    expect([result, calls.filter(({ name }) => name === 'create').length]).toEqual([{ endpoint: 'db:1' }, 1]);
  });

  it('lets the sleep win a race against what never ends, and moves time on', async () => {
    const racing = defineWorkflow({
      input: z.object({}),
      async run({ race, child, sleep, now, all }) {
        const before = now();
        await all([sleep('short', 1), race([child('slow', 'a.b'), sleep('limit', 60)])]);
        return now() - before;
      },
    });
    expect((await testWorkflow(racing, { input: {}, outcomes: { slow: never } })).result).toBe(60_000);
    const answered = { slow: (input: object) => input };
    expect((await testWorkflow(racing, { input: {}, outcomes: answered })).result).toBe(1000);
  });

  it('refuses what the schemas refuse, and a child it has no outcome for', async () => {
    const input = { name: 5 } as unknown as { name: string }; // on purpose not what the type says
    await expect(testWorkflow(create, { input, config })).rejects.toThrow('expected string');
    await expect(testWorkflow(create, { input: { name: 'x' }, config })).rejects.toThrow(
      'The test says no outcome for the child "create" (aws.create); add it to `outcomes`.',
    );
    const wrong = { ...outcomes, create: {} };
    const { error } = await testWorkflow(create, { input: { name: 'x' }, config, outcomes: wrong });
    expect(error).toBeDefined();
  });
});
