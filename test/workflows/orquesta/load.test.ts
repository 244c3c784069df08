import { expect, it } from 'vitest';
import { conductors, scriptedOutcomes, simulate } from '../../../src/workflows/index.ts';

const conductor = conductors.get('orquesta');

it('keeps mappings in the order they are written, also where keys look like integers', () => {
  const text = `version: 1.0
vars:
  - tags: {"10": ten, b: bee, "9": {"2": two, "1": one}}
tasks:
  "7":
    action: core.noop
output:
  - keys: <% ctx(tags).keys() %>
  - inner: <% ctx(tags)["9"].keys() %>
  - text: "tags {{ ctx().tags }}"
`;
  if (conductor === undefined) throw new Error('There is no conductor.');
  const definition = conductor.parse(text, 'workflow.yaml');
  const { status, result } = simulate(conductor, definition, { parameters: {}, outcome: scriptedOutcomes({}) });
  expect({ status, result }).toEqual({
    status: 'succeeded',
    result: {
      output: {
        keys: ['10', 'b', '9'],
        inner: ['2', '1'],
        text: "tags {'10': 'ten', 'b': 'bee', '9': {'2': 'two', '1': 'one'}}",
      },
    },
  });
});
