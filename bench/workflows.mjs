// npm run bench:workflows [-- --rounds 5 --durable-rounds 3]
// Orquesta in four scenarios: conducting alone (decisions and their journal, in memory), and durable end to end with no-op actions
// (SQLite WAL, synchronous=FULL). The original's conducting took 803, 611, 24,331 and 2,608 ms on a machine of this kind.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../dist/server.js';
import { conductors } from '../dist/workflows/index.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, 'durable-rounds': { type: 'string', default: '3' } },
});

const chain = ['version: 1.0', 'tasks:'];
for (let n = 0; n < 100; n += 1) {
  chain.push(`  t${n}:`, '    action: core.noop');
  if (n < 99) {
    chain.push(
      '    next:',
      '      - when: <% succeeded() %>',
      `        publish: v${n % 10}=<% ctx().get(v0, 0) %>`,
      `        do: t${n + 1}`,
    );
  }
}
const wide = ['version: 1.0', 'tasks:', '  begin:', '    action: core.noop', '    next:', '      - do:'];
for (let n = 0; n < 100; n += 1) wide.push(`          - b${n}`);
for (let n = 0; n < 100; n += 1)
  wide.push(`  b${n}:`, '    action: core.noop', '    next:', '      - when: <% succeeded() %>', '        do: end');
wide.push('  end:', '    join: all', '    action: core.noop');
const SCENARIOS = [
  { name: '100-task chain', original: 803, text: chain.join('\n') },
  { name: '100-way split and join', original: 611, text: wide.join('\n') },
  {
    name: '1,000 items, concurrency 50',
    original: 24_331,
    text: `version: 1.0
vars:
  - xs: <% range(1000).toList() %>
tasks:
  work:
    with:
      items: x in <% ctx().xs %>
      concurrency: 50
    action: core.noop
    next:
      - publish: n=<% result().len() %>
output:
  - n: <% ctx().n %>`,
  },
  {
    name: '200-iteration cycle',
    original: 2608,
    text: `version: 1.0
vars:
  - n: 0
tasks:
  begin:
    action: core.noop
    next:
      - do: step
  step:
    action: core.noop
    next:
      - when: <% succeeded() and ctx().n < 200 %>
        publish: n=<% ctx().n + 1 %>
        do: step
      - when: <% succeeded() and ctx().n >= 200 %>
        do: done
  done:
    action: core.noop
output:
  - n: <% ctx().n %>`,
  },
];

const conductor = conductors.get('orquesta');
console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}; medians`);
const durable = await durableTimes();
for (const { name, original, text } of SCENARIOS) {
  const times = [];
  const firstTimes = [];
  let journal;
  const conduct = (variant) => {
    const definition = conductor.parse(variant, 'bench.yaml');
    const start = performance.now();
    journal = conductAll(definition);
    return performance.now() - start;
  };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    firstTimes.push(conduct(`description: round ${round}\n${text}`)); // a definition that was never seen is inspected
    times.push(conduct(text));
  }
  const before = performance.now();
  let state = conductor.initial();
  for (const event of journal) state = conductor.fold(state, JSON.parse(event));
  const folding = performance.now() - before;
  const ms = median(times);
  console.log(
    `${name}: conducting ${ms.toFixed(1)} ms (the original's ${original} ms: ${(original / ms).toFixed(0)} x; the first time ${median(firstTimes).toFixed(1)} ms), folding the journal ` +
      `${folding.toFixed(1)} ms (${Math.round(journal.reduce((sum, line) => sum + line.length, 0) / 1024)} KB), durable ${durable.get(name).toFixed(0)} ms`,
  );
}

/** Conducts a workflow whose actions all succeed, one after the other; answers its journal. */
function conductAll(definition) {
  let ids = 0;
  const environment = {
    actionRef: 'bench.workflow',
    executionId: 'workflow',
    config: {},
    actionParameters: () => ({}),
    key: () => undefined,
    decrypt: (ciphertext) => ciphertext,
    result: () => null,
    times: () => ({ createdAt: 0, updatedAt: 0 }),
    newId: () => String(ids++),
  };
  const journal = [];
  let state = conductor.initial();
  const waiting = [];
  const step = (input) => {
    const decision = conductor.decide(state, input, environment);
    for (const event of decision.events) {
      journal.push(JSON.stringify(event));
      state = conductor.fold(state, event);
    }
    waiting.push(...decision.requests);
    return decision.end;
  };
  let end = step({ type: 'start', definition, parameters: {}, context: {} });
  for (let next = waiting.shift(); next !== undefined && end === undefined; next = waiting.shift()) {
    end = step({ type: 'ended', task: next.task, executionId: next.executionId, status: 'succeeded' });
  }
  if (end?.status !== 'succeeded') throw new Error(`The workflow ended with ${JSON.stringify(end)}.`);
  return journal;
}

async function durableTimes() {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-bench-'));
  try {
    const pack = join(directory, 'packs', 'bench');
    await mkdir(join(pack, 'actions', 'workflows'), { recursive: true });
    await writeFile(
      join(pack, 'pack.yaml'),
      'name: bench\nref: bench\ndescription: bench\nversion: 1.0.0\nauthor: bench\n',
    );
    for (const [index, { text }] of SCENARIOS.entries()) {
      await writeFile(join(pack, 'actions', 'workflows', `w${index}.yaml`), text);
      await writeFile(
        join(pack, 'actions', `w${index}.yaml`),
        `name: w${index}\nrunner_type: orquesta\nentry_point: workflows/w${index}.yaml\n`,
      );
    }
    const server = await startServer({
      data: join(directory, 'data'),
      packs: [join(directory, 'packs')],
      port: 0,
      logFile: join(directory, 'petrel.log'),
    });
    try {
      const found = new Map();
      for (const [index, { name }] of SCENARIOS.entries()) {
        const times = [];
        for (let round = 0; round < Number(values['durable-rounds']); round += 1) {
          const start = performance.now();
          const { id } = await server.executions.request({
            actionRef: `bench.w${index}`,
            parameters: {},
            user: 'bench',
          });
          const { status } = await server.executions.wait(id);
          if (status !== 'succeeded') throw new Error(`${name} ended ${status}.`);
          times.push(performance.now() - start);
        }
        found.set(name, median(times));
      }
      return found;
    } finally {
      await server.stop(1000);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
