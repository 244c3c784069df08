import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Id } from '../../src/model/index.ts';
import { startWorkflowServer, type WorkflowServer } from './workflow-server.ts';

const SIZE = 5_000_000;

const orquesta = `
version: 1.0
tasks:
  make:
    action: flows.make size=${SIZE}
    next:
      - publish:
          - all: <% result() %>
          - text: <% result().result.text %>
        do: wait, many
  wait:
    action: flows.gate name="orquesta"
    next:
      - do: use
  many:
    with: <% [1, 2, 3] %>
    action: flows.make size=100000
    next:
      - publish: list=<% result().result.text %>
        do: use
  use:
    join: all
    action: core.echo
    input:
      message: <% str(len(ctx().text) + len(ctx().all.result.text) + len(ctx().list[2])) %>
    next:
      - publish: count=<% result().stdout %> again=<% ctx().text %>
        do: fails
  fails:
    action: flows.make size=200000 fails=true
output:
  - count: <% ctx().count %>
  - text: "{{ ctx().again }}"
`;

const chain = `
chain:
  - name: make
    ref: flows.make
    parameters: {size: ${SIZE}}
    publish: {text: "{{ make.result.text }}", short: "{{ make.result.text[:3] }}"}
    on-success: wait
  - name: wait
    ref: flows.gate
    parameters: {name: chain}
    on-success: use
  - name: use
    ref: core.echo
    parameters: {message: "{{ text | length }}{{ short }}"}
`;

const make = `import { defineAction, z } from 'petrel/sdk';
export default defineAction({
  input: z.object({ size: z.number(), fails: z.boolean().default(false) }),
  async run({ input }) {
    if (input.fails) throw new Error('x'.repeat(input.size));
    return { text: 'x'.repeat(input.size) };
  },
});
`;

let petrel: WorkflowServer;

beforeAll(async () => {
  petrel = await startWorkflowServer(
    { orquesta: { runner: 'orquesta', text: orquesta }, chain: { runner: 'action-chain', text: chain } },
    () => ({ 'actions/make.ts': make }),
  );
});

afterAll(() => petrel.close());

const journalSize = async (id: Id) => JSON.stringify(await petrel.server.store.readJournal(id)).length;

/** Neither the definition nor what is published in small makes more of it. */
const SMALL = 20_000;

describe('a result of five megabytes', () => {
  it('is read where it stands by an Orquesta workflow, also after a restart and when tasks run again', async () => {
    const { id } = await petrel.request('orquesta');
    await petrel.child(id, 'wait', 'running');
    await petrel.child(id, 'many', 'succeeded');
    await petrel.restart();
    await petrel.open('orquesta');
    const { status, result } = await petrel.ended(id);
    expect(status).toBe('failed');
    expect(result).toMatchObject({ output: { count: 2 * SIZE + 100_000 } });
    expect((result as { output: { text: string } }).output.text).toHaveLength(SIZE);
    expect(JSON.stringify((result as { errors: unknown }).errors).length).toBeGreaterThan(200_000);
    expect(await journalSize(id)).toBeLessThan(SMALL);

    const again = await petrel.server.executions.rerun(id, { user: 'stanley', tasks: ['use'] });
    expect(await petrel.ended(again.id)).toMatchObject({
      status: 'failed',
      result: { output: { count: 2 * SIZE + 100_000 } },
    });
    expect(await journalSize(again.id)).toBeLessThan(SMALL);
  });

  it('is read where it stands by an action-chain, also after a restart', async () => {
    const { id } = await petrel.request('chain');
    await petrel.child(id, 'wait', 'running');
    await petrel.restart();
    await petrel.open('chain');
    const { status, result } = await petrel.ended(id);
    expect(status).toBe('succeeded');
    const { published, tasks } = result as unknown as {
      published: Record<string, string>;
      tasks: { result: { stdout: string } }[];
    };
    expect(Object.keys(published)).toEqual(['text', 'short']);
    expect(published.text).toHaveLength(SIZE);
    expect(tasks.at(-1)?.result.stdout).toBe(`${SIZE}xxx`);
    expect(await journalSize(id)).toBeLessThan(SMALL);
  });
});
