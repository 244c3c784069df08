import { describe, expect, it } from 'vitest';
import { defineAction, secret, testContext, testRun, z } from '../../src/sdk/index.ts';

const greet = defineAction({
  input: z.object({ name: z.string(), times: z.int().default(1) }),
  output: z.object({ greeting: z.string() }),
  async run({ input, logger, datastore, config, secret: mark, execution }) {
    const token = mark(String(config.token));
    logger.info(`calling with ${token} for ${execution.user}`);
    await datastore.set('greet.last', input.name, { ttl: 60 });
    return { greeting: `Hello ${input.name}`.repeat(input.times) };
  },
});

describe('testRun', () => {
  it('fills in defaults, runs the action and answers its result', async () => {
    const { result } = await testRun(greet, { input: { name: 'Ada' }, config: { token: 's3cret' } });
    expect(result).toEqual({ greeting: 'Hello Ada' });
  });

  it('shows what the action logged, with secrets masked', async () => {
    const { context } = await testRun(greet, { input: { name: 'Ada' }, config: { token: 's3cret' }, user: 'ci' });
    expect(context.logged).toEqual([{ level: 'info', message: 'calling with ******** for ci' }]);
    expect([...context.secrets]).toEqual(['s3cret']);
  });

  it('shows what the action stored', async () => {
    const { context } = await testRun(greet, { input: { name: 'Ada' }, keys: { other: '1' } });
    expect(Object.fromEntries(context.keys)).toEqual({
      other: { value: '1', secret: false },
      'greet.last': { value: 'Ada', secret: false, ttl: 60 },
    });
    expect(await context.datastore.list('greet.')).toEqual([{ name: 'greet.last', secret: false }]);
  });

  it('refuses input that the schema refuses', async () => {
    const input = { name: 5 } as unknown as { name: string }; // on purpose not what the type says
    await expect(testRun(greet, { input })).rejects.toThrow('expected string');
  });
});

describe('testContext', () => {
  it('aborts its signal on demand, as a timeout does', () => {
    const context = testContext({ input: {} });
    context.abort(new Error('too late'));
    expect(context.signal.aborted).toBe(true);
  });

  it('says so when the action asks for a cluster and there is none', async () => {
    const { kubernetes } = testContext({ input: {} });
    await expect(kubernetes.list('v1', 'Pod')).rejects.toThrow('no cluster');
  });
});

describe('secret', () => {
  it('marks a schema and keeps what was said about it before', () => {
    expect(secret(z.string().describe('the key')).meta()).toEqual({ description: 'the key', secret: true });
  });
});
