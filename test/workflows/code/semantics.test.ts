import { setTimeout as later } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { defineWorkflow, type WorkflowContext, z } from '../../../src/sdk/index.ts';
import { CodeHost, type HostOptions } from './host.ts';

type Body = (context: WorkflowContext<Record<string, unknown>>) => Promise<unknown>;

const workflow = (run: Body) => defineWorkflow({ input: z.looseObject({}), run });
const start = (run: Body, options?: HostOptions) => new CodeHost(workflow(run), options).start();

describe('calls', () => {
  it('are children: a step core.step, a sleep core.noop with a delay, an action itself', async () => {
    const host = await start(async ({ all, step, sleep, child }) => {
      await all([step('s', () => 1), sleep('z', 1.5), child('c', 'aws.create', { name: 'x', none: undefined })]);
    });
    expect(host.requests).toMatchObject([
      { task: 's', actionRef: 'core.step', parameters: {}, context: { typescript: { kind: 'step' } } },
      { task: 'z', actionRef: 'core.noop', parameters: {}, delay: 1500 },
      { task: 'c', actionRef: 'aws.create', parameters: { name: 'x' }, context: { typescript: { kind: 'child' } } },
    ]);
  });

  it('may have one name, as in a loop', async () => {
    const host = await start(async ({ step }) => {
      let sum = 0;
      for (const n of [1, 2, 3]) sum += await step('add', () => n);
      return sum;
    });
    for (let n = 0; n < 3; n += 1) await host.runStep('add');
    expect(host.result).toEqual({ result: 6 });
  });

  it('hand over copies: what the code does to a result changes nothing that is stored', async () => {
    const stored = { result: { list: [1] } };
    const host = await start(async ({ child }) => {
      const got = await child<{ result: { list: number[] } }>('c', 'aws.list');
      got.result.list.push(2);
      return got.result.list;
    });
    await host.end('c', 'succeeded', stored);
    expect([host.result, stored]).toEqual([{ result: [1, 2] }, { result: { list: [1] } }]);
  });

  it.each<[string, Body, string]>([
    ['a step without a name', ({ step }) => step('', () => 1), 'A step needs a name'],
    [
      'a step without a function',
      ({ step }) => step('s', 5 as never),
      'The step "s" needs a function as its second argument.',
    ],
    ['a child without an action', ({ child }) => child('c', ''), 'The child "c" needs the reference of an action'],
    [
      'a child with a list for input',
      ({ child }) => child('c', 'a.b', []),
      'The input of "c" must be an object of parameters.',
    ],
    [
      'a child whose input is no JSON',
      ({ child }) => child('c', 'a.b', { n: 1n }),
      'The input of "c" cannot be stored as JSON',
    ],
    ['a sleep that is no number', ({ sleep }) => sleep('z', Number.NaN), 'The sleep "z" needs a number of seconds'],
    ['a race of nothing', ({ race }) => race([]), 'A race needs at least one call'],
  ])('refuse %s', async (_, body, message) => {
    const host = await start(body);
    expect([host.status, host.requests]).toEqual(['failed', []]);
    expect(host.result).toMatchObject({ error: expect.stringContaining(message) });
  });

  it('throw how they failed', async () => {
    const errors: unknown[] = [];
    const host = await start(
      async ({ child, step }) => {
        for (const call of [() => child('c', 'aws.create'), () => step('s', () => 1), () => child('n', 'no.such')]) {
          await call().catch((error: unknown) => errors.push({ ...(error as object), said: String(error) }));
        }
      },
      { unknown: ['no.such'] },
    );
    await host.end('c', 'timeout', { stderr: 'a\nthe last line\n' });
    await host.end('s', 'failed', { error: 'no luck' });
    expect(host.status).toBe('succeeded');
    expect(errors).toEqual([
      {
        name: 'StepError',
        step: 'c',
        status: 'timeout',
        result: { stderr: 'a\nthe last line\n' },
        executionId: 'id-0',
        said: 'StepError: "c" (aws.create) timed out: the last line',
      },
      {
        name: 'StepError',
        step: 's',
        status: 'failed',
        result: { error: 'no luck' },
        executionId: 'id-1',
        said: 'StepError: "s" failed: no luck',
      },
      {
        name: 'StepError',
        step: 'n',
        status: 'failed',
        result: null,
        executionId: 'id-2',
        said: 'StepError: "n" (no.such) was refused: Action "no.such" doesn\'t exist.',
      },
    ]);
  });
});

describe('parameters', () => {
  it('are parsed by the input schema, with its defaults', async () => {
    const definition = defineWorkflow({
      input: z.object({ n: z.int().default(3), text: z.string().optional() }),
      run: async ({ input }) => input,
    });
    const host = await new CodeHost(definition, { parameters: { text: null } }).start();
    expect(host.result).toEqual({ result: { n: 3 } });
  });
});

describe('what the code is handed', () => {
  it('is its own: what it changes is not changed in the journal', async () => {
    const body: Body = async ({ input, config, child }) => {
      (input.list as number[]).push(2);
      (config.list as number[]).push(2);
      await child('c', 'x.y').catch((error: { result: { list: number[] } }) => error.result.list.push(2));
      await child('d', 'x.y');
    };
    const result = { list: [1] };
    const host = await start(body, { parameters: { list: [1] }, config: { list: [1] } });
    expect(host.journal[0]).toMatchObject({ parameters: { list: [1] }, config: { list: [1] } });
    await host.end('c', 'failed', result);
    expect([host.tasks, result]).toEqual([['d'], { list: [1] }]);
  });
});

describe('all', () => {
  it('answers all results in the order of the calls', async () => {
    const host = await start(({ all, child }) => all([child('a', 'x.y'), child('b', 'x.y'), 7]));
    await host.end('b', 'succeeded', 'B');
    await host.end('a', 'succeeded', 'A');
    expect(host.result).toEqual({ result: ['A', 'B', 7] });
  });

  it('fails with the first failure; the others go on', async () => {
    const host = await start(async ({ all, child, step }) => {
      await all([child('a', 'x.y'), child('b', 'x.y')]).catch(() => step('mend', () => 1));
    });
    await host.end('b', 'failed', { error: 'no' });
    expect([host.tasks, host.canceled]).toEqual([['a', 'mend'], []]);
  });
});

describe('race', () => {
  it('answers what comes first and cancels the others, once', async () => {
    const host = await start(async ({ race, child, sleep, all, step }) => {
      const first = await race([child('slow', 'x.y'), all([child('l', 'x.y'), child('r', 'x.y')]), sleep('limit', 60)]);
      return await step('after', () => first ?? 'late');
    });
    await host.end('l');
    await host.end('limit');
    expect([host.canceled, host.tasks]).toEqual([['slow', 'r'], ['after']]);
    await host.runStep('after');
    expect(host.result).toEqual({ result: 'late' });
  });

  it('fails when the first to settle failed', async () => {
    const host = await start(({ race, child, sleep }) => race([child('a', 'x.y'), sleep('limit', 60)]));
    await host.end('a', 'failed', { error: 'no' });
    expect([host.status, host.canceled]).toEqual(['failed', ['limit']]);
  });

  it('does not request at all what lost before it was requested', async () => {
    const host = await start(({ race, child }) => race([Promise.resolve(1), child('a', 'x.y')]));
    expect([host.result, host.requests]).toEqual([{ result: 1 }, []]);
    expect(host.history.slice(1)).toEqual(['requests a (x.y)', 'cancels a', 'workflow succeeded']);
  });

  it('tells those that lost, if anybody asks', async () => {
    const host = await start(async ({ race, child, sleep }) => {
      const slow = child('slow', 'x.y');
      await race([slow, sleep('limit', 60)]);
      return await slow.catch((error: Error & { status?: string }) => [error.status, error.message]);
    });
    await host.end('limit');
    expect(host.result).toEqual({ result: ['canceled', '"slow" was canceled: another call of its race came first.'] });
  });
});

describe('the end', () => {
  it.each<[string, Body, string]>([
    [
      'returned',
      async ({ child }) => {
        void child('left', 'x.y');
        await child('a', 'x.y');
        return 1;
      },
      'succeeded',
    ],
    [
      'threw',
      async ({ child }) => {
        void child('left', 'x.y');
        await child('a', 'x.y');
        throw new Error('no');
      },
      'failed',
    ],
  ])('cancels what still runs when the code %s', async (_, body, status) => {
    const host = await start(body);
    await host.end('a');
    expect([host.status, host.canceled, host.tasks]).toEqual([status, ['left'], []]);
  });

  it('has the trace of an error of the code itself', async () => {
    const host = await start(async () => {
      throw new TypeError('a slip');
    });
    expect(host.result).toEqual({
      result: null,
      error: 'a slip',
      traceback: expect.stringContaining('semantics.test.ts'),
    });
  });

  it('cannot be something that JSON cannot say', async () => {
    const host = await start(async () => ({ n: 1n }));
    expect(host.result).toMatchObject({ error: expect.stringContaining('cannot be stored as JSON') });
  });
});

describe('time and chance', () => {
  it('are those of what happened and of the execution', async () => {
    const host = await start(async ({ child, now, random }) => {
      const before = [now(), random()];
      await child('a', 'x.y');
      return [before, [now(), random()]];
    });
    await host.end('a');
    const { result } = host.result as { result: [[number, number], [number, number]] };
    expect([result[0][0], result[1][0]]).toEqual([1_000_000, 1_001_000]);
    for (const [, chance] of result) expect(chance >= 0 && chance < 1).toBe(true);
    expect(result[0][1]).not.toBe(result[1][1]);
  });
});

describe('rollback', () => {
  const failing: Body = async ({ child, step, all }) => {
    await all([
      child('a', 'x.make', { n: 1 }, { onRollback: { action: 'x.drop', input: { n: 1 } } }),
      child(
        'b',
        'x.make',
        { n: 2 },
        { onRollback: { action: 'x.drop', input: { n: 2 }, retry: { count: 1, delay: 5 } } },
      ),
    ]);
    await step('c', () => 'made', { onRollback: (made) => `unmade what was ${made}` });
    await child('d', 'x.make', {}, { onRollback: { action: 'x.drop' } }).catch(() => undefined);
    throw new Error('too late');
  };

  async function failed(forget = () => false) {
    const host = await start(failing, { forget });
    await host.end('b');
    await host.end('a');
    await host.runStep('c');
    await host.end('d', 'failed', { error: 'no' });
    return host;
  }

  it.each([
    ['in memory', () => false],
    ['after a restart at each step', () => true],
  ])('undoes what succeeded, the last to end first, one at a time, %s', async (_, forget) => {
    const host = await failed(forget);
    expect(host.waiting).toMatchObject([
      { task: 'c', actionRef: 'core.step', context: { typescript: { kind: 'rollback' } } },
    ]);
    await host.runStep('c');
    expect(host.waiting).toMatchObject([{ task: 'a', actionRef: 'x.drop', parameters: { n: 1 } }]);
    await host.end('a');
    expect(host.waiting).toMatchObject([{ task: 'b', actionRef: 'x.drop', parameters: { n: 2 } }]);
    expect(host.status).toBe('running');
    await host.end('b');
    expect(host.status).toBe('failed');
    expect(host.result).toMatchObject({ error: 'too late', rollback: { undone: ['c', 'a', 'b'], failed: [] } });
  });

  it('tries again as its own policy says, and goes on after what cannot be undone', async () => {
    const host = await failed();
    await host.end('c', 'failed', { error: 'gone' });
    await host.end('a', 'canceled', { message: 'by hand' });
    await host.end('b', 'failed', { error: 'busy' });
    expect(host.waiting).toMatchObject([{ task: 'b', delay: 5000 }]);
    await host.end('b', 'failed', { error: 'still busy' });
    expect(host.result).toMatchObject({
      rollback: {
        undone: [],
        failed: [
          { task: 'c', error: 'gone' },
          { task: 'a', error: 'by hand' },
          { task: 'b', error: 'still busy' },
        ],
      },
    });
  });

  it('says so when an action that should undo does not exist', async () => {
    const host = await start(
      async ({ child }) => {
        await child('a', 'x.make', {}, { onRollback: { action: 'no.such' } });
        throw new Error('no');
      },
      { unknown: ['no.such'] },
    );
    await host.end('a');
    expect(host.result).toMatchObject({
      rollback: { failed: [{ task: 'a', error: 'Action "no.such" doesn\'t exist.' }] },
    });
  });

  it('stops where it is when the workflow is canceled, and says what is left', async () => {
    const host = await failed();
    await host.runStep('c');
    await host.feed({ type: 'cancel' });
    await host.end('a', 'canceled', { message: 'canceled by user ann' });
    expect(host.status).toBe('canceled');
    expect(host.result).toMatchObject({
      error: 'too late',
      rollback: { undone: ['c'], failed: [{ task: 'a', error: 'canceled by user ann' }], left: ['b'] },
    });
  });

  it('stands still while the workflow is paused', async () => {
    const host = await failed();
    await host.feed({ type: 'pause' });
    await host.runStep('c');
    expect([host.status, host.tasks]).toEqual(['paused', []]);
    await host.feed({ type: 'resume' });
    expect([host.status, host.tasks]).toEqual(['running', ['a']]);
  });
});

describe('pausing', () => {
  const two: Body = async ({ all, child, step }) => {
    const results = await all([child('a', 'x.y'), child('b', 'x.y')]);
    return [results, await step('after', () => 1)];
  };

  it('holds what ends until it is resumed', async () => {
    const host = await start(two);
    await host.feed({ type: 'pause' });
    await host.end('b', 'succeeded', 'B');
    expect(host.status).toBe('running');
    await host.end('a', 'succeeded', 'A');
    expect([host.status, host.tasks]).toEqual(['paused', []]);
    await host.feed({ type: 'resume' });
    expect([host.status, host.tasks]).toEqual(['running', ['after']]);
    expect(host.history.slice(3)).toEqual([
      'asked to pause',
      'b succeeded; held until the workflow is resumed',
      'a succeeded; held until the workflow is resumed',
      'workflow paused',
      'workflow running',
      'goes on after b',
      'goes on after a',
      'requests after (step)',
    ]);
  });

  it('does not wait for sleeps, nor for what waits itself', async () => {
    const host = await start(({ all, child, sleep }) =>
      all([child('a', 'x.y'), child('q', 'core.ask'), sleep('z', 1e6)]),
    );
    const [, q] = host.waiting;
    await host.feed({ type: 'stopped', task: 'q', executionId: q?.executionId ?? '', status: 'pending' });
    expect(host.status).toBe('running');
    await host.feed({ type: 'pause' });
    expect(host.status).toBe('running');
    await host.end('a');
    expect(host.status).toBe('paused');
    await host.end('z');
    await host.feed({ type: 'resume' });
    await host.end('q', 'succeeded', 'yes');
    expect(host.result).toEqual({ result: [null, 'yes', null] });
  });

  it('keeps the tries of a call that fails meanwhile', async () => {
    const host = await start(({ child }) => child('a', 'x.y', {}, { retry: { count: 1, delay: 2 } }));
    await host.feed({ type: 'pause' });
    await host.end('a', 'failed', { error: 'no' });
    expect(host.status).toBe('paused');
    await host.feed({ type: 'resume' });
    expect(host.waiting).toMatchObject([{ task: 'a', delay: 2000 }]);
    await host.end('a', 'succeeded', 'yes');
    expect(host.result).toEqual({ result: 'yes' });
  });

  it('of a child only means waiting for it', async () => {
    const host = await start(({ child }) => child('flow', 'x.flow'));
    const [{ task, executionId } = { task: '', executionId: '' }] = host.waiting;
    await host.feed({ type: 'stopped', task, executionId, status: 'paused' });
    expect(host.status).toBe('running');
    await host.feed({ type: 'resumed', task, executionId });
    await host.end('flow', 'succeeded', 'done');
    expect(host.result).toEqual({ result: 'done' });
  });
});

describe('canceling', () => {
  it('ends the workflow when nothing of it runs any more, and tells the code nothing', async () => {
    const host = await start(async ({ all, child, step }) => {
      await all([child('a', 'x.y'), child('b', 'x.y')]).catch(() => step('mend', () => 1));
    });
    await host.feed({ type: 'cancel' });
    await host.end('a', 'canceled');
    expect(host.status).toBe('running');
    await host.end('b', 'succeeded');
    expect([host.status, host.requests.length]).toEqual(['canceled', 2]);
  });
});

describe('code that is not deterministic', () => {
  const before: Body = async ({ child, step }) => {
    await child('create', 'aws.create');
    await step('register', () => 1);
    await child('tell', 'chat.post');
  };

  async function replayedWith(run: Body, fingerprint = 'second') {
    const host = await start(before);
    await host.end('create');
    host.definition = workflow(run);
    host.fingerprint = fingerprint;
    host.forget();
    await host.end('register', 'succeeded', { result: 1 });
    return host;
  }

  const CHANGED =
    'actions/flow.ts, or what it imports, changed since the workflow started (first then, second now). Start the workflow again, or bring the old code back for those that run. Nothing was rolled back.';

  it.each<[string, Body, string]>([
    [
      'another name',
      async ({ child, step }) => {
        await child('create', 'aws.create');
        await step('enroll', () => 1);
      },
      'at call 2 its journal has the step "register", but the code of actions/flow.ts asks for the step "enroll"',
    ],
    [
      'another kind',
      async ({ child }) => {
        await child('create', 'aws.create');
        await child('register', 'x.y');
      },
      'at call 2 its journal has the step "register", but the code of actions/flow.ts asks for the child "register" (x.y)',
    ],
    [
      'another action',
      async ({ child }) => {
        await child('create', 'aws.make');
      },
      'at call 1 its journal has the child "create" (aws.create), but the code of actions/flow.ts asks for the child "create" (aws.make)',
    ],
    [
      'less',
      async ({ child }) => {
        await child('create', 'aws.create');
      },
      'at call 2 its journal has the step "register", but the code of actions/flow.ts asks for nothing',
    ],
    [
      'more',
      async ({ child, step, all }) => {
        await all([child('create', 'aws.create'), step('register', () => 1)]);
      },
      'at call 2 its journal has nothing yet, but the code of actions/flow.ts asks for the step "register"',
    ],
  ])('is named when it asks for %s, and nothing is rolled back', async (_, body, message) => {
    const host = await replayedWith(body);
    expect(host.status).toBe('failed');
    expect(host.result).toEqual({
      result: null,
      error: `The workflow cannot be replayed: ${message}. ${CHANGED}`,
      traceback: '',
    });
    expect(host.tasks).toEqual([]);
  });

  it('is told from code that changed', async () => {
    const host = await replayedWith(async ({ step }) => step('first', () => 1), 'first');
    expect(host.result).toMatchObject({
      error: expect.stringContaining('The code is not deterministic: given the same outcomes'),
    });
  });

  it('may change after the point where the workflow is', async () => {
    const host = await replayedWith(async ({ child, step }) => {
      await child('create', 'aws.create');
      await step('register', () => 1);
      await child('announce', 'chat.post');
    });
    expect(host.tasks).toEqual(['announce']);
  });

  it('goes on with the code it has in memory when the file changes', async () => {
    const host = await start(before);
    host.definition = workflow(async () => 'other');
    await host.end('create');
    expect(host.tasks).toEqual(['register']);
  });

  it('is named when it no longer decides a race as it did', async () => {
    const racing =
      (decide: boolean): Body =>
      async ({ race, child, sleep, step }) => {
        const calls = [child('slow', 'x.y'), sleep('limit', 9)];
        await (decide ? race(calls) : Promise.race(calls));
        await step('after', () => 1);
      };
    const host = await start(racing(true));
    await host.end('limit');
    host.definition = workflow(racing(false));
    host.forget();
    await host.end('after');
    expect(host.result).toMatchObject({
      error: expect.stringContaining(
        'at call 1 its journal has the child "slow" (x.y) canceled, but the code of actions/flow.ts does not cancel it.',
      ),
    });
  });
});

describe('code that awaits something that is no step', () => {
  it('fails at once when it waits for nothing else', async () => {
    const host = await start(async ({ step }) => {
      await later(100);
      await step('never', () => 1);
    });
    expect(host.status).toBe('failed');
    expect(host.result).toMatchObject({
      error: expect.stringContaining('The code of flows.flow awaits something that is no step'),
    });
  });

  it('fails naming the call it made meanwhile', async () => {
    const host = await start(async ({ all, step, child }) => {
      await all([child('a', 'x.y'), later(100).then(() => step('stray', () => 1))]);
    });
    await later(300);
    expect([host.status, host.tasks]).toEqual(['running', ['a']]);
    await host.end('a');
    expect(host.result).toMatchObject({
      error: expect.stringContaining('The step "stray" was called outside of the workflow\'s course'),
    });
  });

  it('fails when it came to its end meanwhile', async () => {
    const host = await start(({ child }) => Promise.race([child('a', 'x.y'), later(100)]));
    await later(300);
    await host.end('a');
    expect(host.result).toMatchObject({ error: expect.stringContaining('The code came to its end outside') });
  });

  it('does not take the process down with a promise it forgot', async () => {
    const host = await start(async ({ child }) => {
      void later(100).then(() => {
        throw new Error('forgotten');
      });
      await child('a', 'x.y');
    });
    await later(300);
    await host.end('a');
    expect(host.status).toBe('succeeded');
    expect(host.errors).toEqual([expect.stringContaining('A promise that nothing awaits was rejected: forgotten')]);
  });
});

describe('the cost of a step', () => {
  it('is the same after 10,000 steps as at the beginning', async () => {
    const steps = 10_000;
    const host = await start(async ({ child }) => {
      for (let n = 0; n < steps; n += 1) await child('a', 'x.y');
    });
    const times: number[] = [];
    for (let n = 0; n < steps; n += 1) {
      if (n % 1000 === 0) times.push(performance.now());
      await host.end('a');
    }
    times.push(performance.now());
    expect(host.status).toBe('succeeded');
    const spans = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // The first thousand warms up, and others use this machine as well: what grows with the number of steps would be ten times more.
    expect(Math.min(...spans.slice(-3))).toBeLessThan(5 * Math.min(...spans.slice(1, 4)));
  });
});
