// npm run bench:expressions [-- --rounds 5 --seconds 0.2]
// Evaluations per second of the vectors' expressions by class: the first time (parsed and compiled) and from the cache; beside it,
// in the same run, the Python originals where a python3 has them (Debian: python3-yaql, python3-jinja2). Machines are noisy: read
// the ratios. The originals are measured as Orquesta uses them (parsed every time) and with what they parse kept.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEvaluator } from '../dist/expressions/index.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '0.2' } },
});
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);

const file = JSON.parse(readFileSync(new URL('../test/vectors/workflows/expressions.json', import.meta.url), 'utf8'));
const contexts = plain(file.contexts);
const classes = classesOf(file.cases);
const options = { stackstorm: false, now: Date.now, random: Math.random };

const python = findPython();
const rounds = [];
for (let round = 0; round < ROUNDS; round += 1) rounds.push({ ours: classes.map(measure), theirs: askPython() });
report();

/** Single expressions that have a value, by language and category. */
function classesOf(cases) {
  const byName = new Map();
  for (const { language, category, context, expression, expected } of cases) {
    const inner = /^(?:<%(.*)%>|\{\{(.*)\}\})$/.exec(typeof expression === 'string' ? expression : '');
    if (language === 'auto' || inner === null || !('value' in expected) || category === 'embedded') continue;
    const name = `${language} ${category}`;
    if (!byName.has(name)) byName.set(name, { name, language, cases: [] });
    byName.get(name).cases.push({ context, text: expression, expression: (inner[1] ?? inner[2]).trim() });
  }
  return [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** The vectors' contexts without their wrappers: how a number is written makes no difference here. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('$float' in value) return Number(value.$float) + 0.5;
  if ('$int' in value) return Number.MAX_SAFE_INTEGER;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function measure({ cases }) {
  const kept = createEvaluator(options);
  const usable = cases.filter(({ text, context }) => succeeds(kept, text, contexts[context]));
  if (usable.length === 0) return { cases: 0 };
  const first = rate(usable, () => createEvaluator(options));
  return { cases: usable.length, first, cached: rate(usable, () => kept) };
}

function succeeds(evaluator, text, variables) {
  try {
    evaluator.evaluate(text, { variables });
    return true;
  } catch (error) {
    if (error.code === 'expression') return false;
    throw error;
  }
}

/** `make` is asked for an evaluator before each pass; making it is not counted, but ends the measurement when it takes long. */
function rate(cases, make) {
  let done = 0;
  let passed = 0;
  const begin = performance.now();
  while (passed < SECONDS * 1000 && performance.now() - begin < 5 * SECONDS * 1000) {
    const evaluator = make();
    const start = performance.now();
    for (const { text, context } of cases) evaluator.evaluate(text, { variables: contexts[context] });
    passed += performance.now() - start;
    done += cases.length;
  }
  return (done / passed) * 1000;
}

function findPython() {
  const check = 'import collections.abc, yaql, jinja2, sys; print(sys.version.split()[0])';
  for (const command of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(command, ['-c', check], { encoding: 'utf8' });
    if (status === 0) return { command, version: stdout.trim() };
  }
  return undefined;
}

function askPython() {
  if (python === undefined) return undefined;
  const script = fileURLToPath(new URL('expressions.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python.command, [script], {
    encoding: 'utf8',
    input: JSON.stringify({ contexts, classes, seconds: SECONDS }),
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`The Python side failed: ${stderr}`);
  return JSON.parse(stdout);
}

function median(numbers) {
  const sorted = numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
  return sorted.length === 0 ? undefined : sorted[Math.floor(sorted.length / 2)];
}

function report() {
  console.log(
    `node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${ROUNDS} rounds of ${SECONDS} s a class`,
  );
  if (python === undefined)
    console.log('no python3 has yaql and jinja2: install python3-yaql and python3-jinja2 to compare');
  else {
    const [{ theirs }] = rounds;
    console.log(`Python ${python.version}, Jinja2 ${theirs.jinja2}${theirs.yaql ? `, YAQL ${theirs.yaql}` : ''}`);
  }
  console.log('evaluations/s, medians; ratio: cached to Orquesta’s way, and to Python with what it parsed kept\n');
  const head = ['class', 'cases', 'first', 'cached', 'Python', 'Python kept', 'ratio', 'ratio kept'];
  const rows = classes.map(({ name }, index) => {
    const at = (pick) => median(rounds.map(pick));
    const cached = at(({ ours }) => ours[index].cached);
    const usual = at(({ theirs }) => theirs?.classes[index]?.usual);
    const kept = at(({ theirs }) => theirs?.classes[index]?.cached);
    const ratios = [usual, kept].map((theirs) => (theirs === undefined ? undefined : cached / theirs));
    const first = at(({ ours }) => ours[index].first);
    return { cells: [name, rounds[0].ours[index].cases, first, cached, usual, kept], ratios };
  });
  const lines = rows.map(({ cells, ratios }) => [
    ...cells.map((cell) => (typeof cell === 'number' ? String(Math.round(cell)) : (cell ?? '-'))),
    ...ratios.map((ratio) => (ratio === undefined ? '-' : `${ratio.toFixed(1)} x`)),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column].length)));
  for (const line of [head, ...lines]) {
    console.log(
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '),
    );
  }
  for (const language of ['yaql', 'jinja']) {
    const ratios = rows.filter(({ cells }) => cells[0].startsWith(language)).map(({ ratios: [usual] }) => usual);
    const middle = median(ratios);
    if (middle === undefined) continue;
    const least = Math.min(...ratios.filter((ratio) => ratio !== undefined));
    console.log(`${language}: median ${middle.toFixed(1)} x Orquesta’s way, least ${least.toFixed(1)} x (target 20 x)`);
  }
}
