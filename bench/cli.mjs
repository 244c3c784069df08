// How long commands take, beside `node -e 0` in the same run, and how soon `petrel run` returns after a short action has ended. Medians.
//
// Measured on 2 cores that others used too, Node 20.20, as the ratio to `node -e 0`: --version 1.7, execution list 1.9 to 2.4 (3.6 when the client
// used fetch), run core.noop 1.9 to 2.4 (3.8). `petrel run` returned 18 to 39 ms after the end of `sleep 0.01` (395).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROUNDS = Number(process.argv[2] ?? 15);
const PETREL = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js');
const data = mkdtempSync(join(tmpdir(), 'petrel-bench-'));
const server = spawn(
  process.execPath,
  [PETREL, 'start', '--json', '--port', '0', '--log-level', 'warn', '--data', data],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
await once(createInterface({ input: server.stdout }), 'line');

const COMMANDS = [['--version'], ['--help'], ['execution', 'list'], ['run', 'core.noop']];
const median = (times) => times.sort((left, right) => left - right)[times.length >> 1];

function timed(words) {
  const began = performance.now();
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`);
  return { took: performance.now() - began, stdout };
}

try {
  const bare = [];
  const all = COMMANDS.map(() => []);
  const afterEnd = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(timed(['-e', '0']).took);
    for (const [index, words] of COMMANDS.entries()) all[index].push(timed([PETREL, '--data', data, ...words]).took);
    const { stdout } = timed([PETREL, '--data', data, 'run', 'core.local', 'cmd=sleep 0.01', '--json']);
    afterEnd.push(Date.now() - Date.parse(JSON.parse(stdout).end_timestamp));
  }
  const base = median(bare);
  console.log(`node -e 0: ${base.toFixed(0)} ms`);
  for (const [index, words] of COMMANDS.entries()) {
    const took = median(all[index]);
    console.log(`petrel ${words.join(' ')}: ${(took - base).toFixed(0)} ms more, ratio ${(took / base).toFixed(2)}`);
  }
  console.log(`petrel run returns ${median(afterEnd)} ms after the end of a 10 ms action`);
} finally {
  server.kill();
  await once(server, 'exit');
  rmSync(data, { recursive: true, force: true });
}
