import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCipher, createKeyValueStore, createMasker, openKeyFile } from '../../src/datastore/index.ts';
import { createEngine, createWorkflowSteps, type Engine } from '../../src/executions/index.ts';
import type { Run, RunResult } from '../../src/runners/index.ts';
import { testContext } from '../../src/sdk/testing.ts';
import { type Server, startServer } from '../../src/server.ts';

/** A runner that does what the test says, in an engine of its own over a server's store. */
let directory: string;
let server: Server;
let engine: Engine;
let run: (run: Run) => Promise<RunResult>;
/** What the store answers to a claim; undefined: what it always does. */
let trouble: Error | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-attempts-'));
  server = await startServer({ data: join(directory, 'data'), port: 0, logFile: join(directory, 'petrel.log') });
  await server.executions.stop();
  const cipher = createCipher(await openKeyFile(join(directory, 'keys.json')));
  const masker = createMasker();
  const { store } = server;
  const { logger } = testContext({ input: {} });
  trouble = undefined;
  engine = createEngine({
    store: {
      ...store,
      claimExecutions: (claim) => (trouble === undefined ? store.claimExecutions(claim) : Promise.reject(trouble)),
    },
    runners: new Map([['noop', { name: 'noop', description: '', parameters: {}, run: (given: Run) => run(given) }]]),
    workflows: createWorkflowSteps({ store, conductors: new Map(), now: Date.now }),
    services: {
      cipher,
      masker,
      keys: createKeyValueStore({ store, cipher, masker, now: Date.now }),
      kubernetes: testContext({ input: {} }).kubernetes,
      environment: () => ({}),
      sleep: async () => {},
      prepare: server.executions.prepare,
    },
    log: { ...logger, about: () => logger },
    now: Date.now,
    onFinishing: async () => undefined,
    onPending: async () => ({ write: async () => {}, committed: () => {} }),
  });
  await engine.start();
});
afterEach(async () => {
  await engine.stop(0);
  await server.stop(0);
  await rm(directory, { recursive: true, force: true });
});

function gate(): { readonly promise: Promise<void>; resolve(): void } {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, resolve: () => open() };
}

const request = () => engine.request({ actionRef: 'core.noop', parameters: {}, user: 'ann' });

describe('What a runner keeps for another attempt', () => {
  it('goes when the result is stored, and not before', async () => {
    const stored: unknown[] = [];
    const { promise, resolve } = gate();
    run = async ({ execution }) => ({
      status: 'succeeded',
      result: 'done',
      async afterwards() {
        stored.push(await server.store.getResult(execution.id));
        resolve();
      },
    });
    await request();
    await promise;
    expect(stored).toEqual(['done']);
  });

  it('stays when another attempt has taken over', async () => {
    let removed = false;
    const { promise: taken, resolve } = gate();
    run = async () => {
      await server.store.expireForeignLeases('somebody else');
      const now = Date.now();
      await server.store.claimExecutions({ owner: 'somebody else', limit: 1, now, leaseUntil: now + 60_000 });
      resolve();
      return {
        status: 'succeeded',
        result: 'late',
        async afterwards() {
          removed = true;
        },
      };
    };
    const { id } = await request();
    await taken;
    await engine.stop(1000);
    expect(removed).toBe(false);
    expect(await server.store.getExecution(id)).toMatchObject({ status: 'running', attempt: 2 });
  });
});

describe('A second attempt', () => {
  it('knows how many lines the first has printed', async () => {
    const counted: number[] = [];
    const { promise, resolve } = gate();
    run = async (given) => {
      counted.push(given.printedLines());
      if (given.execution.attempt === 1) {
        given.output('stdout', 'one\ntw');
        given.output('stderr', 'other\n');
        given.output('stdout', 'o\nhalf');
        counted.push(given.printedLines());
        resolve();
        await new Promise((end) => given.signal.addEventListener('abort', end));
      }
      return { status: 'succeeded', result: null };
    };
    const { id } = await request();
    await promise;
    await engine.stop(0);
    await server.store.expireForeignLeases('its process died');
    await engine.start();
    await engine.wait(id, AbortSignal.timeout(5000));
    // The half line was stored when the first attempt ended, and is no whole one.
    expect(counted).toEqual([0, 2, 2]);
  });
});

describe('An engine that is asked how it does', () => {
  it('says that it cannot claim, until it can', async () => {
    expect(engine.problems()).toEqual([]);
    trouble = new Error('the disk is full');
    engine.wake();
    await expect.poll(() => engine.problems()).toEqual(['Requested executions cannot be claimed: the disk is full']);
    trouble = undefined;
    engine.wake();
    await expect.poll(() => engine.problems()).toEqual([]);
  });

  it('says that it has stopped', async () => {
    await engine.stop(0);
    expect(engine.problems()).toEqual(['The workers have not started yet, or have stopped.']);
  });
});
