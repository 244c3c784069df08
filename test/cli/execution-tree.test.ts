import { describe, expect, it } from 'vitest';
import { lineOf } from '../../src/cli/execution-tree.ts';
import type { Execution } from '../../src/client/index.ts';

const execution = { id: '0'.repeat(24), status: 'succeeded', action: { ref: 'core.noop' } };
const line = (more: object) => lineOf({ ...execution, ...more } as Execution); // as much of one as a line shows

describe('the line of an execution', () => {
  it.each([
    [{ end_timestamp: 'then', elapsed_seconds: 1.5 }, '1.500 s'],
    // The API leaves out a zero.
    [{ end_timestamp: 'then' }, '0.000 s'],
    [{}, 'so far'],
  ])('says how long it took: %j', (more, took) => {
    expect(line(more)).toBe(`core.noop  succeeded  ${took}  ${execution.id}`);
  });
});
