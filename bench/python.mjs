// npm run bench:python [-- --runs 300]
// What a Python action costs above its own time: forked from the warm interpreter, and beside it, in the same run and in turns, what a fresh
// interpreter costs that loads the same host and runs the same action (StackStorm starts one per run).
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createPythonHost, createRunners, runProcess } from '../dist/runners/index.js';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '300' } } });
const RUNS = Number(values.runs);
const command = process.env.PETREL_PYTHON ?? 'python3';

const ACTION = `import time
from st2common.runners.base_action import Action


class Timed(Action):
    def run(self, seconds):
        started = time.perf_counter()
        time.sleep(seconds)
        return {"own": (time.perf_counter() - started) * 1000}
`;

/** What a fresh interpreter per run does at the least. */
const FRESH = `import json, sys
sys.path.insert(0, ${JSON.stringify(new URL('../python', import.meta.url).pathname)})
from petrel_host import loading
from petrel_host.config import PackConfig
found = loading.action_class(sys.argv[1])
print(json.dumps(found(config=PackConfig("bench", {}), action_service=None).run(**json.load(sys.stdin))))
`;

const directory = await mkdtemp(join(tmpdir(), 'petrel-bench-python-'));
const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
const host = createPythonHost({ data: join(directory, 'data'), python: command, log: quiet });
try {
  await bench();
} finally {
  await host.close();
  await rm(directory, { recursive: true, force: true });
}

async function bench() {
  const entryPath = join(directory, 'pack', 'actions', 'timed.py');
  await mkdir(join(directory, 'pack', 'actions'), { recursive: true });
  await writeFile(entryPath, ACTION);
  const runner = createRunners({ python: host, packFolder: () => join(directory, 'pack') }).get('python-script');
  const { python } = await host.prepare({ ref: 'bench', path: join(directory, 'pack') });

  const warm = async () => own(await runner.run(runOf(entryPath)));
  const fresh = async () => {
    const { stdout } = await runProcess({
      command: python,
      args: ['-u', '-c', FRESH, entryPath],
      environment: { PATH: process.env.PATH },
      input: JSON.stringify({ seconds: 0.001 }),
      timeout: 30,
      signal: new AbortController().signal,
      output() {},
    });
    return JSON.parse(stdout).own;
  };
  const first = await overhead(warm);
  for (let index = 0; index < 20; index += 1) await overhead(warm);
  const took = { warm: [], fresh: [] };
  for (let index = 0; index < RUNS; index += 1) {
    took.warm.push(await overhead(warm));
    if (index % 5 === 0) took.fresh.push(await overhead(fresh));
  }
  const started = performance.now();
  for (let done = 0; done < RUNS; done += 10) await Promise.all(Array.from({ length: 10 }, warm));
  const rate = RUNS / ((performance.now() - started) / 1000);

  console.log(`node ${process.version}, ${python}, ${cpus().length} x ${cpus()[0]?.model}`);
  console.log(
    `warm, above the action's own time:  p50 ${at(took.warm, 0.5)} ms, p99 ${at(took.warm, 0.99)} ms (target: under 15 ms)`,
  );
  console.log(`fresh interpreter, the same action: p50 ${at(took.fresh, 0.5)} ms, p99 ${at(took.fresh, 0.99)} ms`);
  console.log(
    `first run, with the start of the fork server: ${first.toFixed(0)} ms; ten at a time: ${rate.toFixed(0)} runs/s`,
  );
}

/** Milliseconds above what the action says it took itself. */
async function overhead(run) {
  const started = performance.now();
  const inside = await run();
  return performance.now() - started - inside;
}

function own({ status, result }) {
  if (status !== 'succeeded') throw new Error(JSON.stringify(result));
  return result.result.own;
}

function at(samples, quantile) {
  const sorted = [...samples].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? 0).toFixed(1);
}

function runOf(entryPath) {
  return {
    execution: { id: 'bench', attempt: 1, user: 'bench' },
    action: { ref: 'bench.timed', pack: 'bench', entryPath },
    runnerParameters: {},
    actionParameters: { seconds: 0.001 },
    environment: {},
    signal: new AbortController().signal,
    output() {},
    printedLines: () => 0,
    services: { config: {} },
  };
}
