import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kubernetes/index.ts';
import type { JsonObject } from '../../src/model/index.ts';
import { createModuleLoader, createRegistry, type LiveRegistry } from '../../src/packs/index.ts';
import { type PackSensors, startPackSensors } from '../../src/sensors/pack-sensors.ts';
import { typescriptHost } from '../../src/sensors/typescript-host.ts';
import { createMemorySystem, type MemorySystem, silent, until } from './support.ts';

/** Real processes, with short waits. */
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
}, 20_000);

/** The first process translates Petrel's own sources, which takes a while on a busy machine. */
beforeAll(async () => {
  const { state } = await house('poll() { process.exit(3); }');
  const end = Date.now() + 60_000;
  while (Number(state().restarts ?? 0) === 0 && Date.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 50));
}, 90_000);

interface House {
  readonly directory: string;
  readonly system: MemorySystem;
  readonly registry: LiveRegistry;
  readonly sensors: PackSensors;
  readonly log: string[];
  readonly keys: Map<string, string>;
  write(file: string, text: string): Promise<void>;
  /** Another node on the same store and packs. */
  join(): PackSensors;
  state(name?: string): JsonObject;
  payloads(trigger?: string): readonly JsonObject[];
}

/** A pack `trial` with the sensor's functions given as text. */
async function house(body: string, files: Record<string, string> = {}, silence = 60_000): Promise<House> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-sensors-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const pack = join(directory, 'packs', 'trial');
  const write = async (file: string, text: string) => {
    await mkdir(join(pack, file, '..'), { recursive: true });
    await writeFile(join(pack, file), text);
  };
  const sensor = `import { defineSensor, z } from 'petrel/sdk';
export default defineSensor({
  triggerTypes: [{ name: 'seen', payload: z.object({ n: z.number() }), parameters: z.object({ path: z.string() }) }, { name: 'plain' }],
  pollInterval: 0.02,
  ${body}
});\n`;
  await write('pack.yaml', 'name: trial\ndescription: test\nversion: 1.0.0\nauthor: test\n');
  await write('sensors/watcher.ts', sensor);
  for (const [file, text] of Object.entries(files)) await write(file, text);

  const modules = createModuleLoader({ cacheDirectory: join(directory, 'cache') });
  const registry = createRegistry({ packDirectories: [join(directory, 'packs')], modules, log: silent });
  await registry.load();
  const system = createMemorySystem();
  const leases = new Map<string, { owner: string; until: number }>();
  const keys = new Map<string, string>();
  const log: string[] = [];
  const note = (line: string) => void log.push(line);
  const known = new Set(registry.snapshot().triggerTypes.keys());
  const start = () => {
    const sensors = startPackSensors({
      registry,
      // A memory of what was stored, which knows the trigger types of the registry.
      events: {
        async dispatch(events, also) {
          const bad = events.filter(({ trigger }) => !known.has(trigger));
          const tx = undefined as unknown as Parameters<NonNullable<typeof also>>[0]; // the port only looks at what was refused
          await also?.(
            tx,
            bad.map(({ trigger }) => `Trigger type "${trigger}" is not registered; no pack defines it.`),
          );
          return await system.events.dispatch(
            events
              .map((event) => ({ dedupeKey: String(Math.random()), ...event }))
              .filter((event) => !bad.includes(event)),
          );
        },
      },
      store: {
        ...system.store,
        dialect: 'postgres',
        async acquireLease(lease, { owner, now, until }) {
          const held = leases.get(lease);
          if (held !== undefined && held.owner !== owner && held.until > now) return false;
          leases.set(lease, { owner, until });
          return true;
        },
        async releaseLease(lease, owner) {
          if (leases.get(lease)?.owner === owner) leases.delete(lease);
        },
      },
      datastore: {
        get: async (name) => keys.get(name),
        set: async (name, value) => void keys.set(name, value),
        delete: async (name) => keys.delete(name),
        list: async (prefix) =>
          [...keys.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name, secret: false })),
      },
      config: async () => ({ greeting: 'hello' }),
      hosts: [typescriptHost({ cacheDirectory: join(directory, 'cache'), silence, grace: 2_000 })],
      clock: systemClock,
      log: { debug: note, info: note, warn: note, error: note },
      leaseDuration: 600,
      backoff: { first: 50, max: 200 },
    });
    closers.push(() => sensors.stop());
    return sensors;
  };
  const sensors = start();
  return {
    directory: pack,
    system,
    registry,
    sensors,
    log,
    keys,
    write,
    join: start,
    state: (name = 'watcher') =>
      ({ ...sensors.list().find(({ sensor }) => sensor.className === name)?.state }) as unknown as JsonObject, // plain values
    payloads: (trigger = 'trial.plain') =>
      system.accepted.filter((event) => event.trigger === trigger).map(({ payload }) => payload),
  };
}

const rule = (name: string, path: string) =>
  `name: ${name}\nenabled: true\ntrigger: {type: trial.seen, parameters: {path: ${path}}}\naction: {ref: core.noop}\n`;

describe('A sensor in TypeScript', { timeout: 30_000 }, () => {
  it('that watches only what rules ask for has no process until one asks', async () => {
    const lone = `import { defineSensor, z } from 'petrel/sdk';
export default defineSensor({ triggerTypes: [{ name: 'asked', parameters: z.object({ path: z.string() }) }], poll() {} });`;
    const { state, write, registry, directory } = await house('poll() {}', { 'sensors/lone.ts': lone });
    await until(() => state().status === 'running', 'the other sensor runs');
    expect(state('lone')).toEqual({ status: 'idle' });
    await write('rules/one.yaml', rule('one', '/one').replace('trial.seen', 'trial.asked'));
    await registry.load();
    await until(() => state('lone').status === 'running', 'it runs for the rule');
    await rm(join(directory, 'rules', 'one.yaml'));
    await registry.load();
    await until(() => state('lone').status === 'idle', 'it ended with the rule');
  });

  it('that polls dispatches what it sees, in a process of its own', async () => {
    const { payloads, state, system, log } = await house(`
      poll: ({ dispatch, config }) => dispatch({ trigger: 'trial.plain', payload: { pid: process.pid, config } })`);
    await until(() => payloads().length > 12, 'some events');
    // Node's warning of a listener left behind by each round.
    expect(log.join()).not.toContain('MaxListeners');
    const { pid } = state();
    expect(pid).not.toBe(process.pid);
    expect(payloads()[0]).toEqual({ pid, config: { greeting: 'hello' } });
    expect(system.accepted[0]).toMatchObject({
      trigger: 'core.st2.sensor.process_spawn',
      payload: { id: 'watcher', pid },
    });
  });

  it('that runs is told to stop, cleans up, and says so', async () => {
    const { sensors, payloads, system, state } = await house(`
      setup: ({ dispatch }) => dispatch({ trigger: 'trial.plain', payload: { what: 'setup' } }),
      run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
      cleanup: ({ dispatch }) => dispatch({ trigger: 'trial.plain', payload: { what: 'cleanup' } })`);
    await until(() => payloads().length === 1, 'setup');
    await sensors.stop();
    expect(payloads()).toEqual([{ what: 'setup' }, { what: 'cleanup' }]);
    await until(() => system.accepted.some(({ trigger }) => trigger === 'core.st2.sensor.process_exit'), 'its exit');
    expect(system.accepted.at(-1)?.payload).toMatchObject({ id: 'watcher', exit_code: 0 });
    expect(state()).toMatchObject({ status: 'elsewhere' });
  });

  it('has keys of its own, and a log', async () => {
    const { keys, log, payloads } = await house(`
      async run({ datastore, logger, dispatch, signal }) {
        await datastore.set('seen', '7');
        logger.info('noted');
        console.log('printed');
        const list = await datastore.list('');
        await dispatch({ trigger: 'trial.plain', payload: { value: await datastore.get('seen'), none: (await datastore.get('x')) ?? null, list } });
        await datastore.delete('seen');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }`);
    await until(() => payloads().length === 1 && keys.size === 0, 'its event, and the deletion');
    expect(payloads()).toEqual([{ value: '7', none: null, list: [{ name: 'seen', secret: false }] }]);
    await until(() => log.some((line) => line.endsWith('printed')), 'what it printed');
    expect(log).toContain('[trial.watcher] noted');
  });

  it('sees nothing of the environment of Petrel but what finds programs', async () => {
    process.env.PETREL_TEST_TOKEN = 'do not show';
    try {
      const { payloads } = await house(
        "poll: ({ dispatch }) => dispatch({ trigger: 'trial.plain', payload: { names: Object.keys(process.env), argv: process.argv } })",
      );
      await until(() => payloads().length > 0, 'an event');
      expect(payloads()[0]?.names).toContain('PATH');
      expect(JSON.stringify(payloads()[0])).not.toMatch(/PETREL_TEST_TOKEN|greeting/);
    } finally {
      delete process.env.PETREL_TEST_TOKEN;
    }
  });

  it('is told which triggers rules bind, and when that changes', async () => {
    const { payloads, registry, write, directory, state } = await house(
      `
      addTrigger: ({ parameters }, { dispatch }) => dispatch({ trigger: 'trial.plain', payload: { add: parameters.path ?? null } }),
      removeTrigger: ({ parameters }, { dispatch }) => dispatch({ trigger: 'trial.plain', payload: { remove: parameters.path } }),
      async run({ signal, triggers, dispatch }) {
        const trigger = triggers().find(({ type }) => type === 'trial.seen');
        await dispatch({ trigger, payload: { n: 1 } });
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }`,
      { 'rules/one.yaml': rule('one', '/one') },
    );
    await until(() => payloads('trial.seen').length === 1, 'the event of its trigger');
    // A type without parameters is a trigger by itself, as in StackStorm.
    expect(payloads()).toEqual([{ add: null }, { add: '/one' }]);
    // Rules of another pack, so that the sensor itself is not started anew.
    const stopWatching = registry.watch();
    closers.push(async () => stopWatching());
    await write('../other/pack.yaml', 'name: other\ndescription: test\nversion: 1.0.0\nauthor: test\n');
    await write('../other/rules/two.yaml', rule('two', '/two'));
    await until(() => payloads().length >= 3, 'the second trigger');
    await rm(join(directory, '..', 'other'), { recursive: true });
    await until(() => payloads().some((payload) => 'remove' in payload), 'the removal');
    expect(state().restarts).toBe(0);
    expect(payloads().filter((payload) => 'remove' in payload)).toEqual([{ remove: '/two' }]);
  });

  it('is started anew when its code changes', async () => {
    const text = (word: string) =>
      `poll: ({ dispatch }) => dispatch({ trigger: 'trial.plain', payload: { word: '${word}' } })`;
    const { payloads, registry, write, directory } = await house(text('old'));
    await until(() => payloads().length > 0, 'the first');
    const before = await readFile(join(directory, 'sensors', 'watcher.ts'), 'utf8');
    await write('sensors/watcher.ts', before.replace("'old'", "'new'"));
    await registry.load();
    await until(() => payloads().some(({ word }) => word === 'new'), 'the second');
  });

  it('is disabled and enabled by hand, for good', async () => {
    const {
      sensors,
      payloads,
      state,
      join: startNode,
    } = await house("poll: ({ dispatch }) => dispatch({ trigger: 'trial.plain', payload: {} })");
    await until(() => payloads().length > 0, 'an event');
    expect((await sensors.setEnabled('trial.watcher', false)).state).toEqual({ status: 'disabled' });
    const count = payloads().length;
    const other = startNode();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([payloads().length, other.list()[0]?.state.status]).toEqual([count, 'disabled']);
    await sensors.setEnabled('trial.watcher', true);
    await until(() => payloads().length > count, 'another event');
    expect(state().status === 'running' || state().status === 'elsewhere').toBe(true);
    await expect(sensors.setEnabled('trial.nobody', true)).rejects.toThrow('no sensor "trial.nobody"');
  });

  it('runs on one of two nodes, and on the other when that one stops', async () => {
    const {
      sensors,
      payloads,
      join: startNode,
    } = await house("poll: ({ dispatch }) => dispatch({ trigger: 'trial.plain', payload: { pid: process.pid } })");
    await until(() => payloads().length > 0, 'an event');
    const other = startNode();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(other.list()[0]?.state.status).toBe('elsewhere');
    expect(new Set(payloads().map(({ pid }) => pid)).size).toBe(1);
    await sensors.stop();
    await until(() => other.list()[0]?.state.status === 'running', 'the other node has it');
    await until(() => new Set(payloads().map(({ pid }) => pid)).size === 2, 'an event of the other');
  });
});

describe('A sensor that does wrong', { timeout: 30_000 }, () => {
  const failing = async (body: string, expected: string | RegExp) => {
    const made = await house(body);
    await until(() => Number(made.state().restarts) >= 2, 'two restarts');
    expect(made.state().lastError).toEqual(expect.stringMatching(expected));
    return made;
  };

  it('by throwing in setup is started again, and says why', async () => {
    const { log } = await failing(
      "setup() { throw new Error('no database'); }, poll() {}",
      /Error: no database\n.*watcher\.ts:5/s,
    );
    expect(log.filter((line) => line.includes('no database'))).toHaveLength(1);
  });

  it('by throwing in poll', async () => {
    await failing("async poll() { throw new Error('no network'); }", /no network/);
  });

  it('by forgetting a promise that rejects', async () => {
    await failing("async poll() { Promise.reject(new Error('forgotten')); }", /forgotten/);
  });

  it('by a poll that never ends', async () => {
    await failing('pollTimeout: 0.2, poll: () => new Promise(() => {})', /poll did not end within 0\.2 seconds/);
  });

  it('by code that never yields', async () => {
    const { state } = await house('poll() { for (;;) {} }', {}, 4_000);
    await until(() => Number(state().restarts) >= 1, 'it is killed');
    expect(state().lastError).toMatch(/no sign of life for 4 seconds/);
  });

  it('by leaving with a code of its own', async () => {
    await failing('poll() { process.exit(7); }', /exit code 7/);
  });

  it('by being killed', async () => {
    await failing("poll() { process.kill(process.pid, 'SIGKILL'); }", /ended by SIGKILL/);
  });

  it.each([
    ['a text', "'hello'"],
    ['something unknown', "{ type: 'root', command: 'rm' }"],
    ['events that are none', "{ type: 'dispatch', id: 1, events: [{ trigger: 5 }] }"],
  ])('by saying %s on its channel', async (_what, message) => {
    const { system } = await failing(`poll() { process.send(${message}); }`, /what no sensor says/);
    expect(system.accepted.filter(({ trigger }) => trigger === 'trial.plain')).toEqual([]);
  });

  it('by a trigger type that nobody knows is told so, and goes on', async () => {
    const { payloads, state } = await house(`
      async poll({ dispatch }) {
        const refused = await dispatch({ trigger: 'trial.unknown', payload: {} }).then(() => 'taken', (error) => error.message);
        await dispatch({ trigger: 'trial.plain', payload: { refused } });
      }`);
    await until(() => payloads().length > 0, 'an event');
    expect(payloads()[0]).toEqual({ refused: 'Trigger type "trial.unknown" is not registered; no pack defines it.' });
    expect(state().restarts).toBe(0);
  });

  it('by no sensor at all is refused with its pack', async () => {
    const { registry } = await house('');
    expect(registry.snapshot().problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('either a function "run" or a function "poll"'),
    ]);
  });

  it('by failing at its import is refused, with the line', async () => {
    const { registry, write } = await house('poll() {}');
    await write(
      'sensors/broken.ts',
      "import { defineSensor } from 'petrel/sdk';\nthrow new Error('too early');\nexport default defineSensor({ triggerTypes: [], poll() {} });\n",
    );
    await registry.load();
    expect(registry.snapshot().problems).toEqual([
      expect.objectContaining({
        line: 2,
        message: expect.stringContaining('too early'),
        file: expect.stringContaining('broken.ts'),
      }),
    ]);
    expect([...registry.snapshot().sensors.keys()]).toEqual(['trial.watcher']);
  });

  it('by none of it: 10,000 events at once are stored, in order', async () => {
    const { payloads } = await house(`
      async run({ dispatch, signal }) {
        await Promise.all(Array.from({ length: 10_000 }, (_, n) => dispatch({ trigger: 'trial.plain', payload: { n } })));
        await dispatch(Array.from({ length: 10_000 }, (_, n) => ({ trigger: 'trial.plain', payload: { n: 10_000 + n } })));
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }`);
    await until(() => payloads().length === 20_000, 'all events');
    expect(payloads().every(({ n }, index) => n === index)).toBe(true);
  });
});
