// npm run bench:pipeline [-- --events 50000 --database postgres://...]
// The main street, durable (SQLite WAL, synchronous=FULL): event -> rule -> recorded no-op execution. Beside it, in the same run, what the
// bare store does, since machines are noisy: read the ratio, not the number alone.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { newId } from '../dist/model/index.js';
import { startServer } from '../dist/server.js';
import { openPostgresStore, openSqliteStore } from '../dist/store/index.js';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '50000' }, database: { type: 'string' } },
});
const EVENTS = Number(values.events);
/** Events in flight at once: as many sensors wait for their acknowledgement. */
const IN_FLIGHT = 512;
const IDLE_SAMPLES = 500;

const directory = await mkdtemp(join(tmpdir(), 'petrel-bench-'));
try {
  await bench();
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function bench() {
  const payload = { name: 'orders', namespace: 'shop', size: 3, object: { metadata: { labels: { team: 'shop' } } } };
  const raw = await rawStore(payload);
  const pack = join(directory, 'packs', 'bench');
  await mkdir(join(pack, 'triggers'), { recursive: true });
  await mkdir(join(pack, 'rules'), { recursive: true });
  await writeFile(
    join(pack, 'pack.yaml'),
    'name: bench\nref: bench\ndescription: bench\nversion: 1.0.0\nauthor: bench\n',
  );
  await writeFile(join(pack, 'triggers', 'event.yaml'), 'name: event\n');
  await writeFile(
    join(pack, 'rules', 'noop.yaml'),
    'name: noop\nenabled: true\ntrigger: {type: bench.event}\ncriteria:\n  trigger.name: {type: equals, pattern: orders}\n  trigger.size: {type: gt, pattern: 2}\naction: {ref: core.noop}\n',
  );
  const server = await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    port: 0,
    logFile: join(directory, 'petrel.log'),
    ...(values.database && { database: values.database }),
  });
  try {
    const event = { trigger: 'bench.event', parameters: {}, payload };
    await pass(server, event, 2000);
    const idle = await idleLatency(server, event);
    const seconds = await pass(server, event, EVENTS);
    const rate = EVENTS / seconds;
    console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${server.store.dialect}`);
    console.log(
      `raw store: ${round(raw.single)} single durable inserts/s, ${round(raw.grouped)} inserts/s in group commits`,
    );
    console.log(
      `pipeline: ${round(rate)} events/s sustained over ${EVENTS} events (${seconds.toFixed(1)} s), each durable end to end`,
    );
    console.log(`ratio to the raw store's grouped inserts: ${(rate / raw.grouped).toFixed(3)}`);
    console.log(
      `idle latency, dispatch to recorded success: p50 ${idle.p50.toFixed(2)} ms, p99 ${idle.p99.toFixed(2)} ms`,
    );
    console.log(`memory: ${round(process.memoryUsage().rss / 1e6)} MB`);
  } finally {
    await server.stop();
  }
}

async function rawStore(payload) {
  const store = values.database
    ? await openPostgresStore({ url: values.database })
    : await openSqliteStore({ directory: join(directory, 'raw') });
  const insert = () =>
    store.transaction((tx) =>
      tx.insertTriggerInstances([
        { id: newId(), trigger: 'bench.raw', parameters: {}, payload, occurrenceTime: Date.now(), status: 'processed' },
      ]),
    );
  const time = async (work) => {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
  };
  const single =
    2000 /
    (await time(async () => {
      for (let i = 0; i < 2000; i++) await insert();
    }));
  const grouped = 50_000 / (await time(() => inFlight(50_000, insert)));
  await store.close();
  return { single, grouped };
}

/** Seconds from the first dispatch until the last execution is recorded as succeeded. */
async function pass(server, event, count) {
  let ended = 0;
  const all = new Promise((resolve, reject) => {
    const stop = server.executions.onChange((change) => {
      if (change.type !== 'updated') return;
      if (change.execution.status === 'failed') reject(new Error('an execution failed'));
      if (change.execution.status !== 'succeeded') return;
      ended += 1;
      if (ended < count) return;
      stop();
      resolve(undefined);
    });
  });
  const start = performance.now();
  await inFlight(count, () => server.events.dispatch([event]));
  await all;
  return (performance.now() - start) / 1000;
}

async function idleLatency(server, event) {
  const samples = [];
  for (let i = 0; i < IDLE_SAMPLES; i++) samples.push((await pass(server, event, 1)) * 1000);
  samples.sort((a, b) => a - b);
  return { p50: samples[Math.floor(samples.length * 0.5)], p99: samples[Math.floor(samples.length * 0.99)] };
}

async function inFlight(count, work) {
  let begun = 0;
  const lane = async () => {
    while (begun < count) {
      begun += 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

function round(value) {
  return Math.round(value).toLocaleString('en');
}
