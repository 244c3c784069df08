import { describe, expect, it } from 'vitest';
import { executionFilter, executionQuery } from '../../src/api/execution-query.ts';

const filterOf = (filter: string) => executionFilter(executionQuery.parse({ filter }));
const inside = (column: 'context' | 'parameters', name: string, value: string) => ({ column, path: [name], value });

describe('filters by path', () => {
  it.each([
    ['status:failed', { statuses: ['failed'] }],
    ['status:failed,action.ref:core.noop', { statuses: ['failed'], actionRef: 'core.noop' }],
    ['status:failed action.ref:core.noop', { statuses: ['failed'], actionRef: 'core.noop' }],
    ['parameters.message:two words', { inside: [inside('parameters', 'message', 'two words')] }],
    [
      'parameters.message:two words  context.user:ann',
      { inside: [inside('parameters', 'message', 'two words'), inside('context', 'user', 'ann')] },
    ],
    ['', {}],
  ])('%j', (text, filter) => {
    expect(filterOf(text)).toEqual(filter);
  });

  it.each(['nothing', 'colour:red', 'status:failed colour:red', 'context:x'])('%j is none', (text) => {
    expect(() => filterOf(text)).toThrow('is no filter');
  });
});
