// npm run bench:watch [-- --objects 100000]
// Watching many Pods of the sandbox API server: time until all are handled, and memory above idle. Beside it, in the same run, the informer of
// @kubernetes/client-node on the same server. Each in a process of its own: the server, Petrel (with whole objects, and with the metadata
// only), the informer. Petrel stores each object's event durably in that time; the informer only keeps the objects.
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { objects: { type: 'string', default: '100000' }, role: { type: 'string' }, fields: { type: 'string' } },
});
const OBJECTS = Number(values.objects);
const MARKS = 4;

const roles = { server, petrel, informer };
if (values.role === undefined) await bench();
else process.once('message', (setting) => void roles[values.role](setting));

async function bench() {
  console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${round(OBJECTS)} Pods`);
  const children = [];
  const begin = (role, ...more) => {
    const args = ['--role', role, '--objects', String(OBJECTS), ...more];
    const child = fork(fileURLToPath(import.meta.url), args, {
      execArgv: ['--expose-gc', '--max-old-space-size=8192'],
    });
    children.push(child);
    return child;
  };
  try {
    const serving = begin('server');
    const setting = await answerOf(serving, {});
    console.log(`server: ${setting.bytes} bytes of JSON per Pod, made at ${round(setting.rate)}/s`);
    const watchers = [
      ['petrel, whole objects', 'petrel'],
      ['petrel, fields: [metadata.labels]', 'petrel', '--fields', 'metadata.labels'],
      ['informer of @kubernetes/client-node', 'informer'],
    ];
    const results = [];
    for (const [name, ...how] of watchers) {
      const child = begin(...how);
      const result = await answerOf(child, setting);
      child.kill();
      report(name, result);
      results.push(result);
    }
    const [whole, metadata, informer] = results;
    for (const [name, result] of Object.entries({ whole, metadata })) {
      console.log(`heap of the informer to Petrel's (${name}): ${(informer.heap / result.heap).toFixed(1)} : 1`);
    }
  } finally {
    for (const child of children) child.kill();
  }
}

function report(name, { seconds, marks, heap, rss, peak }) {
  console.log(`${name}:`);
  console.log(`  first list handled in ${seconds.toFixed(1)} s (${round(OBJECTS / seconds)}/s)`);
  if (marks) console.log(`  seconds for each quarter: ${marks.map((mark) => mark.toFixed(1)).join(', ')}`);
  console.log(
    `  above idle: heap ${megabytes(heap)} MB (${round(heap / OBJECTS)} bytes per object), RSS ${megabytes(rss)} MB, at its peak ${megabytes(peak)} MB`,
  );
}

/** Sends the setting and waits for the answer. */
function answerOf(child, setting) {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with ${code}`)));
    child.send(setting);
  });
}

/** An API server full of Pods. */
async function server() {
  const { startKubernetesSandbox } = await import('../dist/sandbox/index.js');
  const { createKubernetesClient, loadKubernetesConfig } = await import('../dist/kubernetes/index.js');
  const sandbox = await startKubernetesSandbox();
  const config = await loadKubernetesConfig({ url: sandbox.url, token: sandbox.token, env: {} });
  const client = createKubernetesClient(config);
  const start = performance.now();
  let made = 0;
  const lane = async () => {
    while (made < OBJECTS) await client.create(pod(made++));
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  const rate = OBJECTS / ((performance.now() - start) / 1000);
  const one = await client.get({ apiVersion: 'v1', kind: 'Pod', name: 'orders-0', namespace: 'default' });
  await client.close();
  process.send({
    url: sandbox.url,
    token: sandbox.token,
    kubeconfig: sandbox.kubeconfig,
    bytes: JSON.stringify(one).length,
    rate,
  });
}

/** About as large as the Pods of a Deployment are. */
function pod(index) {
  const name = `orders-${index}`;
  const environment = Array.from({ length: 6 }, (_, variable) => ({
    name: `SETTING_${variable}`,
    value: `value-${variable}-of-${name}`,
  }));
  const labels = { app: 'orders', 'pod-template-hash': '5d4f8c7b9', tier: `tier-${index % 7}` };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels,
      annotations: { 'prsn.io/owner': 'shop', 'prsn.io/index': `${index}` },
    },
    spec: {
      containers: ['web', 'proxy'].map((container) => ({
        name: container,
        image: `registry.example.org/shop/${container}:1.${index % 100}`,
        env: environment,
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      })),
      nodeName: `node-${index % 100}`,
    },
  };
}

async function petrel({ url, token }) {
  const { startServer } = await import('../dist/server.js');
  const directory = await mkdtemp(join(tmpdir(), 'petrel-bench-'));
  const pack = join(directory, 'packs', 'bench');
  await mkdir(join(pack, 'rules'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: bench\ndescription: bench\nversion: 1.0.0\nauthor: bench\n');
  const server = await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    kubernetes: { url, token },
    port: 0,
    logFile: join(directory, 'petrel.log'),
  });
  const idle = memory();
  // It matches nothing: what an action costs is another benchmark.
  const rule = {
    name: 'pods',
    enabled: true,
    trigger: {
      type: 'kubernetes.resource',
      parameters: { apiVersion: 'v1', kind: 'Pod', ...(values.fields && { fields: [values.fields] }) },
    },
    criteria: { 'trigger.name': { type: 'equals', pattern: 'none' } },
    action: { ref: 'core.noop' },
  };
  await writeFile(join(pack, 'rules', 'pods.yaml'), JSON.stringify(rule));
  await server.registry.load();
  const start = performance.now();
  const marks = [];
  while (marks.length < MARKS) {
    await sleep(50);
    const answer = await fetch(`${server.url}/metrics`, { headers: { 'x-auth-token': server.token } });
    const objects = Number(/^petrel_watch_objects\{.*kind="Pod".*\} (\d+)$/m.exec(await answer.text())?.[1] ?? 0);
    while (objects >= (OBJECTS * (marks.length + 1)) / MARKS) marks.push((performance.now() - start) / 1000);
  }
  const seconds = marks.at(-1);
  await sleep(2000);
  const quarters = marks.map((mark, index) => mark - (marks[index - 1] ?? 0));
  const used = above(idle);
  await server.stop();
  await rm(directory, { recursive: true, force: true });
  process.send({ seconds, marks: quarters, ...used });
}

async function informer({ kubeconfig }) {
  const { CoreV1Api, KubeConfig, makeInformer } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const idle = memory();
  const start = performance.now();
  let seconds = 0;
  let objects = 0;
  const informer = makeInformer(config, '/api/v1/pods', () => api.listPodForAllNamespaces());
  informer.on('error', (error) => {
    if (objects < OBJECTS) throw error;
  });
  informer.on('add', () => {
    objects += 1;
    if (objects === OBJECTS) seconds = (performance.now() - start) / 1000;
  });
  await informer.start();
  while (objects < OBJECTS) await sleep(50);
  await sleep(2000);
  const used = above(idle);
  await informer.stop();
  process.send({ seconds, ...used });
}

function memory() {
  for (let turn = 0; turn < 3; turn += 1) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

function above(idle) {
  const now = memory();
  return {
    heap: now.heap - idle.heap,
    rss: now.rss - idle.rss,
    peak: process.resourceUsage().maxRSS * 1024 - idle.rss,
  };
}

function megabytes(bytes) {
  return round(bytes / 1e6);
}

function round(value) {
  return Math.round(value).toLocaleString('en');
}
