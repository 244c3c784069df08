import { describe, expect, it } from 'vitest';
import { typescriptScript } from '../../src/runners/typescript-script.ts';
import { type ActionDefinition, defineAction, secret, TransientError, z } from '../../src/sdk/index.ts';
import { type HarnessOptions, harness } from './harness.ts';

const anything = z.object({});

function start(definition: unknown, options: HarnessOptions = {}) {
  const subject = harness({ entryPath: '/packs/demo/actions/subject.ts', ...options });
  const runner = typescriptScript({
    // Definitions of all input types go through the runner as the widest one, as they do when loaded from a file.
    loadAction: () => Promise.resolve(definition as ActionDefinition),
    grace: 50,
  });
  return { subject, ended: runner.run(subject.run) };
}

describe('an action that succeeds', () => {
  it('answers its result in the shape of python-script, with its log as stderr', async () => {
    const { subject, ended } = start(
      defineAction({
        input: z.object({ name: z.string(), times: z.number().default(2) }),
        output: z.object({ text: z.string() }),
        run: async ({ input, logger }) => {
          logger.info(`greeting ${input.name}`);
          return { text: 'hi '.repeat(input.times).trim() };
        },
      }),
      { actionParameters: { name: 'Ada', times: null } },
    );
    expect(await ended).toEqual({
      status: 'succeeded',
      result: { result: { text: 'hi hi' }, stdout: '', stderr: 'INFO  greeting Ada\n', exit_code: 0 },
    });
    expect(subject.streamed('stderr')).toBe('INFO  greeting Ada\n');
  });

  it('is handed configuration, datastore, attempt and a way to mark secrets', async () => {
    const { subject, ended } = start(
      defineAction({
        input: anything,
        output: z.any(),
        run: async ({ config, datastore, execution, secret: mark }) => {
          await datastore.set('demo.key', 'stored');
          return {
            size: config.size,
            key: await datastore.get('demo.key'),
            attempt: execution.attempt,
            pw: mark('s3cret'),
          };
        },
      }),
      { config: { size: 'huge' } },
    );
    expect((await ended).result).toMatchObject({ result: { size: 'huge', key: 'stored', attempt: 1, pw: 's3cret' } });
    expect(subject.secrets).toEqual(['s3cret']);
  });

  it('keeps null where the field takes null', async () => {
    const { ended } = start(
      defineAction({
        input: z.object({ a: z.string().nullable(), b: z.string().optional() }),
        output: z.any(),
        run: async ({ input }) => input,
      }),
      { actionParameters: { a: null, b: null } },
    );
    expect((await ended).result).toMatchObject({ result: { a: null } });
  });

  it('answers null when it answers nothing, and text for dates', async () => {
    const answering = (value: unknown) =>
      start(defineAction({ input: anything, output: z.any(), run: async () => value })).ended;
    expect((await answering(undefined)).result).toMatchObject({ result: null });
    expect((await answering({ at: new Date(0) })).result).toMatchObject({ result: { at: '1970-01-01T00:00:00.000Z' } });
  });
});

describe('an action that fails', () => {
  it('tells the message of what it threw, and the stack in its log', async () => {
    const { ended } = start({
      kind: 'action',
      input: anything,
      run: () => {
        throw new Error('the disk is full');
      },
    });
    const outcome = await ended;
    const { result } = outcome;
    expect(outcome.status).toBe('failed');
    expect(outcome).not.toHaveProperty('transient');
    expect(result).toMatchObject({
      result: null,
      exit_code: 1,
      error: 'the disk is full',
      stderr: expect.stringMatching(/^ERROR Error: the disk is full\n {4}at /),
    });
  });

  it('is transient when it says so', async () => {
    const { ended } = start(
      defineAction({ input: anything, output: z.any(), run: () => Promise.reject(new TransientError('throttled')) }),
    );
    expect(await ended).toMatchObject({ status: 'failed', transient: true, result: { error: 'throttled' } });
  });

  it('is not started with parameters that do not fit, and their values are not told', async () => {
    let started = false;
    const { ended } = start(
      defineAction({
        input: z.object({ count: z.number(), token: secret(z.string().min(40)) }),
        output: z.any(),
        run: async () => {
          started = true;
        },
      }),
      { actionParameters: { count: 'many', token: 'tiny-secret' } },
    );
    const { status, result } = await ended;
    expect(status).toBe('failed');
    expect(result).toMatchObject({
      error: expect.stringMatching(/^The parameters of demo\.subject are not valid: count: .*; token: /),
    });
    expect(JSON.stringify(result)).not.toContain('tiny-secret');
    expect(started).toBe(false);
  });

  it('fails when its answer does not fit its output', async () => {
    const { ended } = start({
      kind: 'action',
      input: anything,
      output: z.object({ id: z.string() }),
      run: async () => ({ id: 5 }),
    });
    expect((await ended).result).toMatchObject({
      error: expect.stringContaining('demo.subject answered does not fit its output: id: '),
    });
  });

  it.each([
    { what: 'a cycle', make: cycle },
    { what: 'a big integer', make: () => 10n },
  ])('fails when its answer holds $what, which JSON cannot say', async ({ make }) => {
    const { ended } = start({ kind: 'action', input: anything, run: async () => make() });
    expect(await ended).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('cannot be stored as JSON') },
    });
  });

  it('fails when its file cannot be loaded', async () => {
    const runner = typescriptScript({
      loadAction: () => Promise.reject(new Error('subject.ts:3:1: unexpected token')),
    });
    const { status, result } = await runner.run(harness().run);
    expect(status).toBe('failed');
    expect(result).toMatchObject({ error: 'subject.ts:3:1: unexpected token', exit_code: 1 });
  });

  it('does not take the process down by a promise that nothing awaits', async () => {
    const { subject, ended } = start(
      defineAction({
        input: anything,
        output: z.any(),
        run: async () => {
          void Promise.reject(new Error('forgotten'));
          await new Promise((resolve) => setImmediate(resolve));
          return 'fine';
        },
      }),
    );
    expect((await ended).status).toBe('succeeded');
    expect(subject.streamed('stderr')).toContain('A promise that nothing awaits was rejected: forgotten');
  });
});

describe('an action that is cut short', () => {
  const heeding = defineAction({
    input: anything,
    output: z.any(),
    run: ({ signal, logger }) =>
      new Promise((_, reject) => {
        logger.info('waiting');
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  });

  it('times out after the limit given as parameter', async () => {
    const { ended } = start(heeding, { runnerParameters: { timeout: 0.05 } });
    expect(await ended).toEqual({
      status: 'timeout',
      result: {
        result: null,
        stdout: '',
        stderr: 'INFO  waiting\n',
        exit_code: -9,
        error: 'Action failed to complete in 0.05 seconds',
      },
    });
  });

  it('times out after its own limit', async () => {
    const { ended } = start({ ...heeding, timeout: 0.05 });
    expect((await ended).status).toBe('timeout');
  });

  it('is canceled by the signal', async () => {
    const { subject, ended } = start(heeding);
    setImmediate(() => subject.controller.abort());
    expect(await ended).toMatchObject({ status: 'canceled', result: { stderr: 'INFO  waiting\n' } });
  });

  it('is given up when it ignores its signal, and what it does later is ignored', async () => {
    let release: (value: string) => void = () => undefined;
    const { subject, ended } = start(
      {
        kind: 'action',
        input: anything,
        run: async ({ logger }: { logger: { info(text: string): void } }) => {
          await new Promise((resolve) => {
            release = resolve;
          });
          logger.info('too late');
        },
      },
      { runnerParameters: { timeout: 0.01 } },
    );
    expect((await ended).status).toBe('timeout');
    release('now');
    await new Promise((resolve) => setImmediate(resolve));
    expect(subject.streamed('stderr')).toBe('');
  });
});

function cycle(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}
