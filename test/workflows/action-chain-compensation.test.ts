import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/model/index.ts';
import { createActionChain } from '../../src/workflows/action-chain/index.ts';
import { scriptedOutcomes, simulate } from '../../src/workflows/index.ts';
import { jinjaTemplates } from '../../src/workflows/jinja-templates.ts';

const conductor = createActionChain(jinjaTemplates());

const chain = (rollback: string) => `
${rollback}
chain:
  - name: create
    ref: p.create
    compensate:
      action: p.delete
      input: {id: "{{ create.id }}", size: "{{ size }}"}
    on-success: configure
  - name: configure
    ref: p.configure
    compensate: {action: p.forget}
    on-success: check
  - name: check
    ref: p.check
    on-failure: again
  - name: again
    ref: p.create
vars: {size: 5}
`;

function play(text: string, outcomes: Json) {
  const definition = conductor.parse(text, 'chain.yaml');
  const { actions, ...rest } = simulate(conductor, definition, { parameters: {}, outcome: scriptedOutcomes(outcomes) });
  const shown = actions.map(({ action, compensates, parameters }) =>
    compensates ? `undo ${action} ${JSON.stringify(parameters)}` : action,
  );
  return { ...rest, actions: shown };
}

const FAILED = { status: 'failed' };
const failing = { create: [{ result: { id: 'db1' } }], check: [FAILED], again: [FAILED] };

describe('compensation in an action-chain', () => {
  it('undoes what succeeded when the chain fails, what ended last first', () => {
    const { actions, status, result } = play(chain('rollback: true'), failing);
    expect(actions).toEqual([
      ...['p.create', 'p.configure', 'p.check', 'p.create'],
      'undo p.forget {}',
      'undo p.delete {"id":"db1","size":"5"}',
    ]);
    expect(status).toBe('failed');
    expect(result).toMatchObject({
      rollback: { undone: ['configure', 'create'], failed: [] },
    });
    expect((result as { tasks: Json[] }).tasks).toHaveLength(4);
  });

  it.each(['', 'rollback: false'])('does nothing with %j', (rollback) => {
    expect(play(chain(rollback), failing).actions).toHaveLength(4);
  });

  it('goes on when one fails or cannot be rendered', () => {
    const { actions, result } = play(chain('rollback: true'), {
      create: [{ result: {} }],
      configure: [{}, FAILED],
      check: [FAILED],
      again: [FAILED],
    });
    expect(actions.slice(4)).toEqual(['undo p.forget {}']);
    expect(result).toMatchObject({
      rollback: {
        undone: [],
        failed: [
          { task: 'configure', error: 'it does not say why.' },
          { task: 'create', error: expect.stringContaining('Failed rendering value for "id"') },
        ],
      },
    });
  });

  it.each([
    ['rollback: 1\nchain: [{name: a, ref: p.a}]', "1 is not of type 'boolean'"],
    ['chain: [{name: a, ref: p.a}, {name: b, ref: p.b, compensate: {input: {}}}]', "'action' is a required property"],
    ['chain: [{name: a, ref: p.a, compensate: p.b}]', "'p.b' is not of type 'object'"],
  ])('is checked: %s', (text, message) => {
    expect(() => conductor.parse(text, 'chain.yaml')).toThrow(message);
  });
});
