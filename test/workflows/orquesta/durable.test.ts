import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Execution, JsonObject } from '../../../src/model/index.ts';
import { type Server, startServer } from '../../../src/server.ts';

/** Definitions by the name of the action that runs them. */
const WORKFLOWS: Readonly<Record<string, string>> = {
  fan: `
version: 1.0
input:
  - names
vars:
  - greeting: hello
tasks:
  begin:
    action: core.noop
    next:
      - do: left, right
  left:
    action: core.echo message="<% ctx().greeting %> left"
    next:
      - publish: left=<% result().stdout %>
        do: finish
  right:
    with:
      items: name in <% ctx().names %>
      concurrency: 2
    action: core.echo
    input:
      message: <% item(name) %>
    next:
      - publish:
          - said: <% result().select($.stdout) %>
        do: finish
  finish:
    join: all
    action: core.noop
output:
  - left: <% ctx().left %>
  - said: <% ctx().said %>
  - status: <% task_status(right) %>
`,
  waits: `
version: 1.0
tasks:
  later:
    action: core.echo message="late"
    delay: 1
    next:
      - publish: said=<% result().stdout %>
output:
  - said: <% ctx().said %>
`,
  retries: `
version: 1.0
tasks:
  fails:
    action: core.local cmd="exit 3"
    retry:
      count: 2
    next:
      - when: <% failed() %>
        publish: code=<% result().return_code %>
        do: mend
  mend:
    action: core.noop
output:
  - code: <% ctx().code %>
`,
  breaks: `
version: 1.0
tasks:
  only:
    action: core.noop
    next:
      - publish: x=<% 1 / 0 %>
        do: never
  never:
    action: core.noop
output:
  - a: 1
`,
  unsound: `
version: 1.0
tasks:
  only:
    action: core.echo message=<% ctx().nothing %>
    next:
      - do: missing
  asks:
    action: core.echo mesage="x"
  calls:
    action: core.absent
  says:
    action: noop
  decides:
    action: <% 'core.absent' %>
    with: <% [] %>
`,
  endless: `
version: 1.0
tasks:
  begin:
    next:
      - do: round
  round:
    next:
      - do: round
`,
  nowhere: `
version: 1.0
tasks:
  only:
    action: <% 'core.does_not_exist' %>
`,
  inner: `
version: 1.0
input:
  - n
tasks:
  double:
    action: core.noop
output:
  - doubled: <% ctx().n * 2 %>
`,
  outer: `
version: 1.0
tasks:
  call:
    action: flows.inner n=21
    next:
      - publish: answer=<% result().output.doubled %>
output:
  - answer: <% ctx().answer %>
`,
  hostile: `
version: 1.0
input:
  - text
tasks:
  say:
    action: core.echo message=<% ctx().text %>
    next:
      - publish: said=<% result().stdout %>
output:
  - said: <% ctx().said %>
`,
};

let directory: string;
let server: Server;

async function start(): Promise<Server> {
  return await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    port: 0,
    logFile: join(directory, 'petrel.log'),
  });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-orquesta-'));
  const pack = join(directory, 'packs', 'flows');
  await mkdir(join(pack, 'actions', 'workflows'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: flows\ndescription: flows\nversion: 1.0.0\nauthor: test\n');
  const parameters: Readonly<Record<string, string>> = {
    fan: '{names: {type: array}}',
    inner: '{n: {type: integer}}',
    hostile: '{text: {type: string}}',
  };
  for (const [name, text] of Object.entries(WORKFLOWS)) {
    const metadata = `name: ${name}\nrunner_type: orquesta\nentry_point: workflows/${name}.yaml\nparameters: ${parameters[name] ?? '{}'}\n`;
    await writeFile(join(pack, 'actions', `${name}.yaml`), metadata);
    await writeFile(join(pack, 'actions', 'workflows', `${name}.yaml`), text);
  }
  server = await start();
});

afterAll(async () => {
  await server.stop(1000);
  await rm(directory, { recursive: true, force: true });
});

async function request(name: string, parameters: JsonObject = {}): Promise<Execution> {
  return await server.executions.request({
    actionRef: `flows.${name}`,
    parameters,
    user: 'stanley',
    literal: true,
  });
}

async function run(name: string, parameters: JsonObject = {}) {
  const { id } = await request(name, parameters);
  const { status } = await server.executions.wait(id);
  return { id, status, result: await server.store.getResult(id) };
}

describe('an Orquesta workflow', () => {
  it('runs in parallel, over items, and joins', async () => {
    const { status, result } = await run('fan', { names: ['a', 'b', 'c'] });
    expect({ status, result }).toEqual({
      status: 'succeeded',
      result: { output: { left: 'hello left', said: ['a', 'b', 'c'], status: 'succeeded' } },
    });
  });

  it('shows its tasks as children', async () => {
    const { id } = await run('fan', { names: ['a'] });
    const { items } = await server.store.listExecutions({ parentId: id }, { limit: 10, offset: 0 });
    expect(items.map(({ taskName }) => taskName).sort()).toEqual(['begin', 'finish', 'left', 'right']);
    const right = items.find(({ taskName }) => taskName === 'right');
    expect(right?.context).toMatchObject({
      orquesta: { workflow_execution_id: id, task_name: 'right', task_route: 0, item_id: 0 },
      parent: { execution_id: id },
    });
  });

  it('waits before a delayed task', async () => {
    const { id, status, result } = await run('waits');
    expect({ status, result }).toEqual({ status: 'succeeded', result: { output: { said: 'late' } } });
    const { items } = await server.store.listExecutions({ parentId: id }, { limit: 1, offset: 0 });
    const [child] = items;
    expect((child?.startedAt ?? 0) - (child?.createdAt ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  it('retries a task, and goes on after its failure when the definition says how', async () => {
    const { id, status, result } = await run('retries');
    expect({ status, result }).toEqual({ status: 'succeeded', result: { output: { code: 3 } } });
    const { total } = await server.store.listExecutions({ parentId: id }, { limit: 1, offset: 0 });
    expect(total).toBe(4);
  });

  it('fails with what was wrong, and still has its output', async () => {
    const { status, result } = await run('breaks');
    expect(status).toBe('failed');
    expect(result).toEqual({
      output: { a: 1 },
      errors: [
        {
          type: 'error',
          message:
            "YaqlEvaluationException: Unable to evaluate expression '<% 1 / 0 %>'. ZeroDivisionError: integer division or modulo by zero",
          task_id: 'only',
          route: 0,
          task_transition_id: 'never__t0',
        },
      ],
    });
  });

  it('is refused with everything that inspection finds', async () => {
    const { status, result } = await run('unsound');
    expect({ status, result }).toMatchObject({
      status: 'failed',
      result: {
        output: null,
        errors: [
          { type: 'content', message: 'The action "core.absent" is not registered in the database.' },
          {
            type: 'content',
            message: 'The action reference "noop" is not formatted correctly.',
            spec_path: 'tasks.says.action',
          },
          {
            type: 'content',
            message: 'Action "core.echo" is missing required input "message".',
            spec_path: 'tasks.asks.input',
          },
          {
            type: 'content',
            message: 'Action "core.echo" has unexpected input "mesage".',
            spec_path: 'tasks.asks.input.mesage',
          },
          { type: 'context', language: 'yaql', spec_path: 'tasks.only.input', expression: '<% ctx().nothing %>' },
          { type: 'semantic', message: 'The task "missing" is not defined.' },
        ],
      },
    });
  });

  it('fails rather than go round for ever without running anything', async () => {
    const { status, result } = await run('endless');
    expect(status).toBe('failed');
    expect(JSON.stringify(result)).toContain('goes round without running anything');
  });

  it('fails when a task asks for an action that is not there', async () => {
    const { status, result } = await run('nowhere');
    expect(status).toBe('failed');
    expect(JSON.stringify(result)).toContain('core.does_not_exist');
  });

  it('runs another workflow as a task', async () => {
    expect(await run('outer')).toMatchObject({ status: 'succeeded', result: { output: { answer: 42 } } });
  });

  it('never reads data as an expression', async () => {
    const text = '<% 6 * 7 %> {{ 6 * 7 }}';
    expect(await run('hostile', { text })).toMatchObject({ result: { output: { said: text } } });
  });

  it('goes on where it was after a restart', async () => {
    const { id } = await request('waits');
    await server.stop(1000);
    server = await start();
    expect((await server.executions.wait(id)).status).toBe('succeeded');
    expect(await server.store.getResult(id)).toEqual({ output: { said: 'late' } });
  });
});
