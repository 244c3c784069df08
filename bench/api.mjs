// npm run bench:api [-- --rows 1000000 --seconds 5]
// Requests per second and latencies of the HTTP API over a million executions on SQLite (WAL, synchronous=FULL); beside it, in the same
// run, a bare fastify route. The requests come from another thread; machines are noisy: read the ratios.
//
// 2 x AMD EPYC, Node 20.20, nothing else at work, 1,000,000 executions; first the time that the server's thread has of the processor, then
// 16 requests at once, then one alone:
//
//   a bare fastify route             0.01 ms     40,300/s   p50   0.3 ms  p99   1.9 ms   alone p50  0.1 ms  p99  0.5 ms
//   one execution                    0.10 ms      9,380/s   p50   1.4 ms  p99   5.2 ms   alone p50  0.4 ms  p99  3.0 ms
//   executions, first page of 100    1.5  ms        634/s   p50  24   ms  p99  49   ms   alone p50  1.8 ms  p99  5.8 ms
//   as the web interface asks (50)   1.1  ms        839/s   p50  18   ms  p99  45   ms   alone p50  1.4 ms  p99  4.3 ms
//   of one action (10)               0.26 ms      3,660/s   p50   3.8 ms  p99   9.6 ms   alone p50  0.5 ms  p99  2.5 ms
//   that failed (10)                 0.24 ms      4,030/s   p50   3.5 ms  p99  10   ms   alone p50  0.5 ms  p99  2.3 ms
//   100 after the first 500,000     10    ms         99/s   p50 159   ms  p99 271   ms   alone p50 11   ms  p99 23   ms
//   values to filter by              4.3  ms        233/s   p50  65   ms  p99 138   ms   alone p50  4.2 ms  p99  9.9 ms
//   POST of an execution, which runs 0.28 ms      3,090/s   p50   4.6 ms  p99  14   ms   alone p50  1.5 ms  p99  5.8 ms
//   a webhook, at which a rule looks 0.13 ms      6,700/s   p50   2.0 ms  p99   7.3 ms   alone p50  0.6 ms  p99  4.0 ms
//
// Before a page was made cheaper, a quieter hour of the same machine (a bare route 21,700/s): first page of 100 253/s, p50 57 ms, alone
// 2.8 ms. Side by side with that code, 200,000 executions: first page 4.1 ms of the processor before and 2.0 ms after, as the web
// interface asks 2.1 and 1.4 ms, of one action 1.2 and 0.3 ms.
//
// A page of 100 is 124 KB of JSON. Of the 2 ms, reading the rows takes a third, JSON and the socket another, the views an eighth.
import { readFileSync } from 'node:fs';
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
      const before = processorTime();
      const many = await run({ ...target, inFlight: IN_FLIGHT, seconds });
      const each = (processorTime() - before) / many.requests;
      if (name.startsWith('a bare')) baseline = many.rate;
      console.log(
        `${name.padEnd(40)} ${String(Math.round(many.rate)).padStart(6)}/s (${(many.rate / baseline).toFixed(3)} of bare)` +
          `  ${IN_FLIGHT} at once: p50 ${ms(many.p50)}, p99 ${ms(many.p99)}` +
          `  alone: first ${ms(first.p99)}, p50 ${ms(alone.p50)}, p99 ${ms(alone.p99)}` +
          `  processor: ${each.toFixed(2)} ms`,
      );
    }
    console.log(`memory: ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
    await server.stop();
  } finally {
    await bare.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** What the thread of the server has used of the processor, milliseconds; NaN where the system does not say. */
function processorTime() {
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return Number.NaN;
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
  parentPort?.postMessage({ rate, requests: times.length, p50: at(0.5), p99: at(0.99) });
  await dispatcher.close();
}
