// npm run bench:resources [-- --objects 10000]
// What unchanged objects of a declared resource cost: one resync pass, from one list of what exists to the next. The API server and Consul
// are stand-ins in a process of their own; CPU is that of Petrel's process, the handler's included. Also: how long creating them takes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createKubernetesClient, loadKubernetesConfig } from '../dist/kubernetes/index.js';
import { startServer } from '../dist/server.js';

const { values } = parseArgs({ options: { objects: { type: 'string', default: '10000' } } });
const objects = Number(values.objects);
const RESYNC = 15;
const PETREL = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const directory = await mkdtemp(join(tmpdir(), 'petrel-bench-resources-'));

const PACK = {
  'pack.yaml': 'ref: bench\nname: bench\ndescription: bench\nversion: 1.0.0\nauthor: bench\n',
  'config.schema.yaml': 'url: {type: string, required: true}\n',
  'resources/entry.yaml': `
group: bench.example.dev
kind: Entry
plural: entries
install: true
resync: ${RESYNC}
versions: [{name: v1, schema: {type: object, properties: {value: {type: string}}}}]
create: {action: put, input: {name: "{{ owner.name }}", tag: "{{ owner.tag }}", value: "{{ desired.value }}"}}
delete: {action: put, input: {name: "{{ owner.name }}", tag: "{{ owner.tag }}", value: ""}}
list: {action: list}
`,
  'actions/put.ts': `
import { defineAction, z } from 'petrel/sdk';
export default defineAction({
  input: z.object({ name: z.string(), tag: z.string(), value: z.string() }),
  async run({ input, config }) {
    const body = JSON.stringify({ value: input.value, owner: input.tag });
    await fetch(config.url + '/v1/kv/entries/' + input.name, { method: 'PUT', body });
    return { outputs: { path: 'entries/' + input.name } };
  },
});`,
  'actions/list.ts': `
import { defineAction, z } from 'petrel/sdk';
export default defineAction({
  input: z.object({}),
  async run({ config }) {
    const response = await fetch(config.url + '/v1/kv/entries/?recurse=true');
    if (response.status === 404) return { items: [] };
    const entries = await response.json();
    return {
      items: entries.map(({ Value }) => {
        const { value, owner } = JSON.parse(Buffer.from(Value, 'base64').toString());
        return { owner, state: { value } };
      }),
    };
  },
});`,
};

const sandbox = spawn(process.execPath, [PETREL, 'sandbox', '--json', '--data', directory], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let server;
let client;
try {
  const lines = [];
  for await (const line of createInterface({ input: sandbox.stdout })) {
    lines.push(line);
    if (line === '}') break;
  }
  const addresses = JSON.parse(lines.join('\n'));
  for (const [file, text] of Object.entries(PACK)) {
    await mkdir(join(directory, 'packs/bench', file, '..'), { recursive: true });
    await writeFile(join(directory, 'packs/bench', file), text);
  }
  await mkdir(join(directory, 'configs'));
  await writeFile(join(directory, 'configs/bench.yaml'), JSON.stringify({ url: addresses.consul }));

  let calls = 0;
  const { fetch } = globalThis;
  globalThis.fetch = (...args) => {
    calls += 1;
    return fetch(...args);
  };
  server = await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    configs: join(directory, 'configs'),
    kubernetes: { kubeconfig: addresses.kubeconfig },
    port: 0,
    logLevel: 'warn',
  });
  client = createKubernetesClient(await loadKubernetesConfig({ kubeconfig: addresses.kubeconfig, env: {} }));
  for (;;) {
    try {
      await client.resolve('bench.example.dev/v1', 'Entry');
      break;
    } catch {
      await sleep(100);
    }
  }

  const began = performance.now();
  let next = 0;
  const post = async () => {
    while (next < objects) {
      const name = `e${next++}`;
      const metadata = { name, namespace: 'default' };
      await client.create({ apiVersion: 'bench.example.dev/v1', kind: 'Entry', metadata, spec: { value: name } });
    }
  };
  await Promise.all(Array.from({ length: 20 }, post));
  const unchanged = () => server.resources.kinds()[0]?.objects.unchanged ?? 0;
  while (unchanged() < objects) await sleep(500);
  const seconds = (performance.now() - began) / 1000;
  console.log(`${objects} objects created in ${seconds.toFixed(1)} s: ${(objects / seconds).toFixed(0)} per second`);

  const lists = async () => {
    const { total, items } = await server.store.listExecutions({ actionRef: 'bench.list' }, { limit: 1, offset: 0 });
    return { total: Math.max(total, items.length), id: items[0]?.id };
  };
  const nextList = async () => {
    const before = (await lists()).id;
    while ((await lists()).id === before) await sleep(50);
  };
  // One pass to warm up, one to measure: from the beginning of a list to the beginning of the next.
  await nextList();
  await nextList();
  const all = async () => (await server.store.listExecutions({}, { limit: 1, offset: 0 })).items[0]?.id;
  const [callsBefore, cpuBefore, newest] = [calls, process.cpuUsage(), await all()];
  await nextList();
  const { user, system } = process.cpuUsage(cpuBefore);
  const executions = (await all()) === newest ? 0 : 1;
  console.log(
    `one resync pass over ${unchanged()} unchanged objects: ${calls - callsBefore} external call(s), ${executions} new execution(s), ${((user + system) / 1e6).toFixed(2)} s of CPU, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB resident`,
  );
  console.log(`machine: ${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`);
} finally {
  await server?.stop(0);
  await client?.close();
  sandbox.kill('SIGTERM');
  if (sandbox.exitCode === null) await once(sandbox, 'exit');
  await rm(directory, { recursive: true, force: true });
}
