import { deepStrictEqual } from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json, JsonObject } from '../../src/model/index.ts';
import { call } from '../call.ts';
import { type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';

const ORQUESTA: Readonly<Record<string, string>> = {
  sequence: `
version: 1.0
tasks:
  a:
    action: core.local cmd="sleep 0.05; echo a"
    next:
      - publish: said=<% result().stdout %>
        do: b
  b:
    action: core.echo message=<% ctx().said %>
    next:
      - publish: said=<% ctx().said + result().stdout %>
        do: c
  c:
    action: core.noop
output:
  - said: <% ctx().said %>
`,
  split: `
version: 1.0
tasks:
  begin:
    action: core.noop
    next:
      - do: left, middle, right
  left:
    action: core.local cmd="sleep 0.08; echo left"
    next:
      - publish: left=<% result().stdout %>
        do: end
  middle:
    action: core.echo message="middle"
    next:
      - publish: middle=<% result().stdout %>
        do: end
  right:
    action: core.echo message="right"
    next:
      - publish: right=<% result().stdout %>
        do: end
  end:
    join: all
    action: core.noop
output:
  - all: <% [ctx().left, ctx().middle, ctx().right] %>
`,
  items: `
version: 1.0
tasks:
  each:
    with:
      items: n in <% range(8).toList() %>
      concurrency: 3
    action: core.local cmd="sleep 0.02; echo <% item(n) %>"
    next:
      - publish: said=<% result().select($.stdout) %>
output:
  - said: <% ctx().said %>
`,
  retry: `
version: 1.0
tasks:
  fails:
    action: core.local cmd="exit 7"
    retry:
      count: 2
    next:
      - when: <% failed() %>
        publish: code=<% result().return_code %>
        do: later
  later:
    action: core.noop
    delay: 1
    next:
      - do: round
  round:
    action: core.noop
    next:
      - when: <% ctx().get(n, 0) < 3 %>
        publish: n=<% ctx().get(n, 0) + 1 %>
        do: round
output:
  - code: <% ctx().code %>
  - n: <% ctx().n %>
`,
  undoes: `
version: 1.0
rollback: true
tasks:
  create:
    action: core.local cmd="sleep 0.05; echo created"
    compensate:
      action: core.local
      input: {cmd: "sleep 0.05; echo not <% result().stdout %>"}
    next: [{do: many}]
  many:
    with: {items: "<% range(4).toList() %>", concurrency: 1}
    action: core.local cmd="sleep 0.02; echo <% item() %>"
    compensate: {action: core.noop}
    next: [{do: fails}]
  fails:
    action: core.local cmd="sleep 0.05; exit 1"
`,
  asks: `
version: 1.0
tasks:
  approve:
    action: core.ask
    next:
      - publish: approved=<% result().response.continue %>
        do: confirm, work
  confirm:
    action: core.ask route="chaos"
    next:
      - publish: confirmed=<% result().response.continue %>
        do: end
  work:
    action: core.local cmd="sleep 0.08; echo work"
    next:
      - publish: worked=<% result().stdout %>
        do: end
  end:
    join: all
    action: core.noop
output:
  - all: <% [ctx().approved, ctx().confirmed, ctx().worked] %>
`,
  asks_each: `
version: 1.0
tasks:
  each:
    with:
      items: n in <% range(3).toList() %>
      concurrency: 2
    action: core.ask
    next:
      - publish: said=<% result().select($.response.continue) %>
output:
  - said: <% ctx().said %>
`,
  asks_last: `
version: 1.0
tasks:
  ask:
    action: core.ask
    next:
      - publish: said=<% result().response.continue %>
output:
  - said: <% ctx().said %>
`,
  asks_below: `
version: 1.0
tasks:
  last:
    action: chaos.asks_last
    next:
      - publish: last=<% result().output.said %>
        do: end
  call:
    action: chaos.asks
    next:
      - publish: graph=<% result().output.all %>
        do: end
  chain:
    action: chaos.chain_asks
    next:
      - do: end
  end:
    join: all
    action: core.noop
output:
  - graph: <% ctx().graph %>
  - last: <% ctx().last %>
`,
  outer: `
version: 1.0
tasks:
  call:
    action: chaos.sequence
    next:
      - publish: said=<% result().output.said %>
output:
  - said: <% ctx().said %>
`,
};

const CHAINS: Readonly<Record<string, string>> = {
  chain: `
chain:
  - name: one
    ref: core.local
    parameters: {cmd: "sleep 0.05; echo one"}
    publish: {said: "{{ one.stdout }}"}
    on-success: two
  - name: two
    ref: core.echo
    parameters: {message: "{{ said }}"}
`,
  chain_undoes: `
rollback: true
chain:
  - name: one
    ref: core.local
    parameters: {cmd: "sleep 0.05; echo one"}
    compensate: {action: core.local, input: {cmd: "sleep 0.05; echo not {{ one.stdout }}"}}
    on-success: two
  - name: two
    ref: core.local
    parameters: {cmd: "sleep 0.05; exit 1"}
`,
  chain_asks: `
chain:
  - name: ask
    ref: core.ask
    publish: {goes_on: "{{ ask.response.continue }}"}
    on-success: say
  - name: say
    ref: core.local
    parameters: {cmd: "sleep 0.05; echo {{ goes_on }}"}
`,
};

const code = (body: string) => `import { defineWorkflow, z } from 'petrel/sdk';
export default defineWorkflow({
  input: z.object({}),
  async run({ step, child, sleep, all, race }) {${body}
  },
});
`;

const CODE: Readonly<Record<string, string>> = {
  code: code(`
    const said: unknown[] = [];
    for (const n of [1, 2, 3]) said.push(await step('count', () => n));
    const [left, right] = await all([
      child<{ stdout: string }>('left', 'core.local', { cmd: 'sleep 0.05; echo left' }),
      child<{ result: unknown }>('right', 'chaos.sequence'),
    ]);
    await sleep('rest', 0.1);
    const first = await race([sleep('limit', 3600), step('quick', () => 'quick')]);
    return [said, left.stdout, right, first];`),
  undo: code(`
    await step('make', () => 7, { onRollback: (made) => made });
    await child('create', 'core.echo', { message: 'create' }, { onRollback: { action: 'core.local', input: { cmd: 'sleep 0.05' } } });
    await step('flaky', () => { throw new Error('no'); }, { retry: { count: 2, delay: 0.05 } });`),
};

const NAMES = [...Object.keys(ORQUESTA), ...Object.keys(CODE), ...Object.keys(CHAINS)];

/** What became of a workflow: its end, and how often each task was requested. */
interface Fate {
  readonly status: Json | undefined;
  readonly result: Json | undefined;
  readonly tasks: Readonly<Record<string, number>>;
}

export interface ChaosOptions {
  /** How often the process is killed. */
  readonly kills: number;
  /** From 0 up to, not including, 1. */
  random(): number;
  report?(line: string): void;
}

/**
 * Runs a mixed load of workflows while the process is killed with SIGKILL at random instants, and compares each with the same
 * workflow run in peace: same end, same result, no task requested once more, no inquiry that takes a second answer. Somebody
 * answers all the while, also while nobody listens. Answers how many workflows were compared. Throws where one differs.
 */
export async function chaos({ kills, random, report = () => {} }: ChaosOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-chaos-'));
  let petrel: PetrelProcess | undefined;
  let answering: Answering | undefined;
  try {
    await writePack(join(directory, 'packs', 'chaos'));
    const start = async () => {
      petrel = await startPetrelProcess(['--data', join(directory, 'data'), '--packs', join(directory, 'packs')]);
      const token = (await readFile(join(directory, 'data', 'admin.token'), 'utf8')).trim();
      return { url: petrel.url, token };
    };
    let connection = await start();
    answering = startAnswering(() => connection, random);
    const expected = new Map<string, Fate>();
    for (const name of NAMES) {
      const id = await request(connection, name);
      await ended(connection, [id]);
      expected.set(name, await fateOf(connection, id));
    }
    const accepted: { id: string; name: string }[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      const batch = Array.from({ length: 6 }, () => NAMES[Math.floor(random() * NAMES.length)] ?? 'chain');
      const asking = batch.map(async (name) => {
        try {
          accepted.push({ id: await request(connection, name), name });
        } catch {
          // Killed before it was accepted: nobody was promised anything.
        }
      });
      await sleep(20 + random() * 400);
      await petrel?.kill();
      await Promise.all(asking);
      connection = await start();
      if (kill % 10 === 0) report(`killed ${kill} times, ${accepted.length} workflows accepted`);
    }
    await ended(
      connection,
      accepted.map(({ id }) => id),
    );
    const answered = await answering.stop();
    report(`${answered} answers were accepted`);
    for (const { id, name } of accepted) {
      deepStrictEqual(await fateOf(connection, id), expected.get(name), `workflow chaos.${name} ${id}`);
    }
    return accepted.length;
  } finally {
    await answering?.stop().catch(() => undefined);
    await petrel?.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

type Connection = Parameters<typeof call>[0];

interface Answering {
  /** How many answers were accepted. Throws when one was that had been accepted before. */
  stop(): Promise<number>;
}

/** People: they look at what is asked now and then, and answer; when nobody listens they try again. */
function startAnswering(connection: () => Connection, random: () => number): Answering {
  const accepted = new Set<string>();
  const twice: string[] = [];
  let stopped = false;
  const answer = async (id: string): Promise<void> => {
    await sleep(random() * 100);
    await call(connection(), 'PUT', `/inquiries/${id}`, { id, response: { continue: true } });
    if (accepted.has(id)) twice.push(id);
    accepted.add(id);
  };
  const round = async (): Promise<void> => {
    const { body } = await call(connection(), 'GET', '/inquiries?limit=10');
    // A list of objects.
    for (const { id } of body as readonly JsonObject[]) if (random() < 0.7) await answer(String(id));
  };
  const done = (async () => {
    while (!stopped) {
      // Refused, or not heard: whether it was taken nobody knows, so it is looked at again.
      await round().catch(() => undefined);
      await sleep(20 + random() * 100);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await done;
      if (twice.length > 0) throw new Error(`Inquiries took a second answer: ${twice.join(', ')}.`);
      return accepted.size;
    },
  };
}

async function writePack(pack: string): Promise<void> {
  await mkdir(join(pack, 'actions', 'workflows'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: chaos\ndescription: chaos\nversion: 1.0.0\nauthor: test\n');
  for (const [name, text] of Object.entries(CODE)) await writeFile(join(pack, 'actions', `${name}.ts`), text);
  for (const name of NAMES) {
    if (Object.hasOwn(CODE, name)) continue;
    const runner = Object.hasOwn(CHAINS, name) ? 'action-chain' : 'orquesta';
    const metadata = `name: ${name}\nrunner_type: ${runner}\nentry_point: workflows/${name}.yaml\n`;
    await writeFile(join(pack, 'actions', `${name}.yaml`), metadata);
    await writeFile(join(pack, 'actions', 'workflows', `${name}.yaml`), ORQUESTA[name] ?? CHAINS[name] ?? '');
  }
}

async function request(connection: Connection, name: string): Promise<string> {
  const { body } = await call(connection, 'POST', '/executions', { action: `chaos.${name}`, parameters: {} });
  return String((body as JsonObject).id); // an execution
}

const FINAL: ReadonlySet<unknown> = new Set(['succeeded', 'failed', 'timeout', 'abandoned', 'canceled']);

/** Waits until all of them have ended. Throws when that takes more than two minutes. */
async function ended(connection: Connection, ids: readonly string[]): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (const id of ids) {
    for (;;) {
      const { body } = await call(connection, 'GET', `/executions/${id}?exclude_attributes=result`);
      if (FINAL.has((body as JsonObject).status)) break; // an execution
      if (Date.now() > deadline) throw new Error(`Execution ${id} does not end: ${JSON.stringify(body)}`);
      await sleep(50);
    }
  }
}

async function fateOf(connection: Connection, id: string): Promise<Fate> {
  const { status, result } = (await call(connection, 'GET', `/executions/${id}`)).body as JsonObject; // an execution
  const { body } = await call(connection, 'GET', `/executions?parent=${id}&limit=100&exclude_attributes=result`);
  const tasks: Record<string, number> = {};
  for (const child of body as readonly JsonObject[]) {
    const { task_name: name, context } = child;
    const item = ((context as JsonObject | undefined)?.orquesta as JsonObject | undefined)?.item_id;
    const key = `${name}${item === undefined ? '' : `#${item}`}`;
    tasks[key] = (tasks[key] ?? 0) + 1;
  }
  return { status, result: withoutTimes(result), tasks: Object.fromEntries(Object.entries(tasks).sort()) };
}

/** An action-chain's result shows when its tasks ran, and their ids. */
function withoutTimes(result: Json | undefined): Json | undefined {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return result;
  const { tasks, ...rest } = result as JsonObject;
  if (!Array.isArray(tasks)) return result;
  return {
    ...rest,
    tasks: (tasks as readonly JsonObject[]).map(({ id, name, state, result: own }) => ({
      id: id ?? null,
      name: name ?? null,
      state: state ?? null,
      result: own ?? null,
    })),
  };
}
