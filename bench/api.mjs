// npm run bench:api [-- --rows 1000000 --seconds 5]
// Requests per second and latencies of the HTTP API over a million executions on SQLite (WAL, synchronous=FULL); beside it, in the same
// run, a bare fastify route. The requests come from another thread; machines are noisy: read the ratios.
//
// 2 x AMD EPYC, Node 20.20, others at work on the same two cores (so: ratios), 1,000,000 executions; 16 requests at once, and one after
// the other (alone):
//
//   a bare fastify route                  21,700/s           p50   0.5 ms  p99   5 ms   alone: p50  0.1 ms
//   one execution                          6,640/s   0.305   p50   1.9 ms  p99  11 ms   alone: p50  0.4 ms
//   executions, first page of 100            253/s   0.012   p50  57   ms  p99 166 ms   alone: p50  2.8 ms
//   as the web interface asks (50)           467/s   0.021   p50  31   ms  p99  76 ms   alone: p50  1.7 ms
//   of one action (10)                     2,080/s   0.096   p50   6.4 ms  p99  28 ms   alone: p50  0.6 ms
//   that failed (10)                       1,980/s   0.091   p50   7.1 ms  p99  26 ms   alone: p50  0.5 ms
//   100 after the first 500,000               84/s   0.004   p50 179   ms  p99 303 ms   alone: p50 11   ms
//   values to filter by                      143/s   0.007   p50  97   ms  p99 282 ms   alone: p50  7.5 ms
//   POST of an execution, which runs         800/s   0.037   p50  17   ms  p99  92 ms   alone: p50 11   ms
//   a webhook (a rule looks at it)         5,410/s   0.249   p50   1.9 ms  p99  16 ms   alone: p50  3.4 ms
//
// A page of 100 is 110 KB of JSON. In a profile the driver's reading of rows takes most of it, then the writing of JSON.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import fastify from 'fastify';
import Libsql from 'libsql';
import { Agent, request } from 'undici';
import { newId } from '../dist/model/index.js';
import { startServer } from '../dist/server.js';
import { openSqliteStore } from '../dist/store/index.js';

const IN_FLIGHT = 16;
const ms = (value) => `${value.toFixed(1)} ms`;

if (isMainThread) await bench();
else await load(workerData);

async function bench() {
  const { values } = parseArgs({
    options: { rows: { type: 'string', default: '1000000' }, seconds: { type: 'string', default: '5' } },
  });
  const rows = Number(values.rows);
  const seconds = Number(values.seconds);
  const directory = await mkdtemp(join(tmpdir(), 'petrel-bench-api-'));
  const bare = fastify();
  bare.get('/', async () => ({ status: 'ok' }));
  try {
    const data = join(directory, 'data');
    const filling = performance.now();
    const some = await fill(data, rows);
    console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`);
    console.log(`${rows} executions in ${((performance.now() - filling) / 1000).toFixed(0)} s`);
    const pack = join(directory, 'packs', 'bench');
    await mkdir(join(pack, 'rules'), { recursive: true });
    await writeFile(join(pack, 'pack.yaml'), 'name: bench\nref: bench\ndescription: x\nversion: 1.0.0\nauthor: x\n');
    await writeFile(
      join(pack, 'rules', 'hook.yaml'),
      'name: hook\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: bench}}\ncriteria: {trigger.body.kind: {type: equals, pattern: none}}\naction: {ref: core.noop}\n',
    );
    const base = await bare.listen({ port: 0, host: '127.0.0.1' });
    const server = await startServer({
      data,
      packs: [join(directory, 'packs')],
      port: 0,
      logFile: join(directory, 'log'),
    });
    const get = (path) => ({ url: `${server.url}/api/v1${path}`, token: server.token, method: 'GET' });
    const post = (path, body) => ({ ...get(path), method: 'POST', body: JSON.stringify(body) });
    const web = 'limit=50&parent=null&exclude_attributes=result,trigger_instance';
    const cases = [
      ['a bare fastify route', { url: `${base}/`, method: 'GET' }],
      ['one execution', get(`/executions/${some}`)],
      ['executions, first page of 100', get('/executions')],
      ['executions as the web interface asks', get(`/executions?${web}`)],
      ['executions of one action, 10', get('/executions?action=bench.a7&limit=10')],
      ['executions that failed, 10', get('/executions?status=failed&limit=10')],
      ['executions, 100 after 500,000', get(`/executions?offset=${Math.floor(rows / 2)}`)],
      ['values to filter by', get('/executions/views/filters')],
      ['POST of an execution (no-op, it runs)', post('/executions', { action: 'core.noop' })],
      ['a webhook (one rule looks at it)', post('/webhooks/bench', { kind: 'push', ref: 'main' })],
    ];
    let baseline = 1;
    for (const [name, target] of cases) {
      const first = await run({ ...target, inFlight: 1, requests: 1 });
      const alone = await run({ ...target, inFlight: 1, seconds: seconds / 3 });
      const many = await run({ ...target, inFlight: IN_FLIGHT, seconds });
      if (name.startsWith('a bare')) baseline = many.rate;
      console.log(
        `${name.padEnd(40)} ${String(Math.round(many.rate)).padStart(6)}/s (${(many.rate / baseline).toFixed(3)} of bare)` +
          `  ${IN_FLIGHT} at once: p50 ${ms(many.p50)}, p99 ${ms(many.p99)}` +
          `  alone: first ${ms(first.p99)}, p50 ${ms(alone.p50)}, p99 ${ms(alone.p99)}`,
      );
    }
    console.log(`memory: ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
    await server.stop();
  } finally {
    await bare.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A history of that many executions. Answers the id of one in the middle. */
async function fill(data, rows) {
  const store = await openSqliteStore({ directory: data });
  let some = '';
  for (let start = 0; start < rows; start += 10_000) {
    const now = Date.now();
    const batch = Array.from({ length: Math.min(10_000, rows - start) }, (_, index) => ({
      id: newId(),
      actionRef: `bench.a${(start + index) % 50}`,
      runnerType: 'noop',
      status: (start + index) % 20 === 0 ? 'failed' : 'succeeded',
      parameters: { message: `number ${start + index}`, namespace: 'default' },
      context: { user: (start + index) % 10 === 0 ? 'ann' : 'stanley', pack: 'bench' },
      ...((start + index) % 3 === 0 && { ruleRef: `bench.r${(start + index) % 7}` }),
      createdAt: now,
      startedAt: now + 1,
      endedAt: now + 5,
      attempt: 1,
      log: ['requested', 'scheduled', 'running', 'succeeded'].map((status) => ({ status, timestamp: now })),
    }));
    await store.insertExecutions(batch);
    if (start <= rows / 2) some = batch[0]?.id ?? some;
  }
  await store.close();
  const db = new Libsql(join(data, 'petrel.db'));
  db.exec(
    `UPDATE executions SET result = '{"failed":false,"succeeded":true,"return_code":0,"stdout":"done","stderr":""}'`,
  );
  db.close();
  return some;
}

function run(target) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: target });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** In the other thread: one request after the other, `inFlight` of them at once. */
async function load({ url, token, method, body, inFlight, seconds = 3600, requests = Number.POSITIVE_INFINITY }) {
  const dispatcher = new Agent({ connections: inFlight });
  const headers = {
    ...(token && { 'x-auth-token': token }),
    ...(body && { 'content-type': 'application/json' }),
  };
  const times = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  let sent = 0;
  const one = async () => {
    while (performance.now() < end && sent < requests) {
      sent += 1;
      const before = performance.now();
      const answer = await request(url, { method, headers, body, dispatcher });
      await answer.body.text();
      if (answer.statusCode >= 400) throw new Error(`${url} answered ${answer.statusCode}`);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  const rate = times.length / ((performance.now() - start) / 1000);
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  parentPort?.postMessage({ rate, p50: at(0.5), p99: at(0.99) });
  await dispatcher.close();
}
