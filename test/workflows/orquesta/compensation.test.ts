import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/model/index.ts';
import { scriptedOutcomes, simulate } from '../../../src/workflows/index.ts';
import { createOrquesta } from '../../../src/workflows/orquesta/index.ts';
import { inspect } from './inspecting.ts';

const conductor = createOrquesta({ now: () => 0, random: () => 0.5 });

function play(text: string, outcomes: Json = {}) {
  const definition = conductor.parse(text, 'workflow.yaml');
  const simulation = simulate(conductor, definition, { parameters: {}, outcome: scriptedOutcomes(outcomes) });
  const actions = simulation.actions.map(({ action, item, parameters }) =>
    [action, item, parameters.of].filter((part) => part !== undefined).join(' '),
  );
  return { ...simulation, actions };
}

const FAILED = { status: 'failed', result: 'broken' };

const line = (rollback: string) => `
version: 1.0
${rollback}
vars: [{zone: a}]
tasks:
  network:
    action: p.network
    compensate: {action: p.no_network, input: {of: <% ctx().zone %>}}
    next: [{when: <% succeeded() %>, publish: [{zone: b}], do: note}]
  note:
    action: p.note
    next: [{when: <% succeeded() %>, do: database}]
  database:
    action: p.database
    compensate:
      action: p.no_database of=<% result().id %>
    next: [{when: <% succeeded() %>, do: last}]
  last:
    action: p.last
    compensate: {action: p.no_last}
`;

describe('compensation in an Orquesta workflow', () => {
  it('undoes what succeeded when the workflow fails, what ended last first', () => {
    const { actions, status, result } = play(line('rollback: true'), {
      database: [{ result: { id: 'db1' } }],
      last: [FAILED],
    });
    expect(actions).toEqual(['p.network', 'p.note', 'p.database', 'p.last', 'p.no_database db1', 'p.no_network a']);
    expect(status).toBe('failed');
    expect(result).toMatchObject({
      errors: [{ task_id: 'last', result: 'broken' }],
      rollback: { undone: ['database', 'network'], failed: [] },
    });
  });

  it.each(['', 'rollback: false'])('does nothing with %j', (rollback) => {
    const { actions, result } = play(line(rollback), { database: [{ result: { id: 'db1' } }], last: [FAILED] });
    expect(actions).toEqual(['p.network', 'p.note', 'p.database', 'p.last']);
    expect(result).not.toHaveProperty('rollback');
  });

  it('does nothing when the workflow succeeds', () => {
    const { actions, status } = play(line('rollback: true'), { database: [{ result: { id: 'db1' } }] });
    expect(actions).toHaveLength(4);
    expect(status).toBe('succeeded');
  });

  it('goes on with the others when a compensation fails, cannot be rendered or is refused', () => {
    const { actions, status, result } = play(line('rollback: true'), {
      network: [{}, { status: 'failed', result: { error: 'broken' } }],
      database: [{ result: {} }],
      last: [FAILED],
    });
    expect(actions).toEqual(['p.network', 'p.note', 'p.database', 'p.last', 'p.no_network a']);
    expect(status).toBe('failed');
    expect(result).toMatchObject({
      rollback: {
        undone: [],
        failed: [
          { task: 'database', error: expect.stringContaining("Unable to resolve key 'id'") },
          { task: 'network', error: 'broken' },
        ],
      },
    });
    const { errors } = result as unknown as { errors: { message: string; task_id: string }[] };
    expect(errors.map(({ task_id, message }) => [task_id, message])).toEqual([
      ['last', 'Execution failed. See result for details.'],
      [
        'database',
        expect.stringContaining("The compensation failed: YaqlEvaluationException: Unable to resolve key 'id'"),
      ],
      ['network', 'The compensation failed: broken'],
    ]);
  });

  it('waits for what still runs, and undoes that as well', () => {
    const text = `
version: 1.0
rollback: true
tasks:
  breaks:
    action: p.breaks
  slow:
    action: p.slow
    compensate: {action: p.no_slow}
`;
    const { actions, status } = play(text, { breaks: [FAILED] });
    expect(actions).toEqual(['p.breaks', 'p.slow', 'p.no_slow']);
    expect(status).toBe('failed');
  });

  it('undoes the items that succeeded, each by itself, and each run of a task in a cycle', () => {
    const text = `
version: 1.0
rollback: true
vars: [{n: 0}]
tasks:
  begin:
    action: p.begin
    next: [{do: again}]
  again:
    action: p.again
    compensate: {action: p.not_again, input: {of: <% ctx().n %>}}
    next:
      - {when: <% ctx().n < 2 %>, publish: [{n: <% ctx().n + 1 %>}], do: again}
      - {when: <% ctx().n >= 2 %>, do: many}
  many:
    with: name in <% [x, y, z] %>
    action: p.many
    input: {of: <% item(name) %>}
    compensate: {action: p.fewer, input: {of: <% item(name) + result() %>}}
`;
    const { actions } = play(text, {
      many: { items: { 0: [{ result: '1' }], 1: [FAILED], 2: [{ result: '3' }] } },
    });
    expect(actions.slice(-5)).toEqual([
      'p.fewer 2 z3',
      'p.fewer 0 x1',
      'p.not_again 2',
      'p.not_again 1',
      'p.not_again 0',
    ]);
  });

  it('is inspected like the rest', () => {
    expect(
      inspect(`
version: 1.0
rollback: 1
tasks:
  one:
    action: p.a
    compensate: {input: {x: <% ctx().nothing %>, y: <% 1 + %>}}
`),
    ).toMatchObject({
      syntax: [{ spec_path: 'rollback' }, { spec_path: 'tasks.one.compensate' }],
      expressions: [{ spec_path: 'tasks.one.compensate.input' }],
      context: [{ spec_path: 'tasks.one.compensate.input', message: expect.stringContaining('"nothing"') }],
    });
  });
});
