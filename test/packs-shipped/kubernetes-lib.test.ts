import { describe, expect, it } from 'vitest';
import { parsePath, readField } from '../../packs/kubernetes/lib/field-path.ts';

describe('The path of a field', () => {
  const object = { status: { phase: 'Ready', list: [{ ip: '10.0.0.1' }], 'a.b': 1, '': 2 } };

  it.each([
    ['{.status.phase}', 'Ready'],
    ['.status.phase', 'Ready'],
    ['status.phase', 'Ready'],
    ['$.status.phase', 'Ready'],
    ['.status.list[0].ip', '10.0.0.1'],
    [".status['a.b']", 1],
    ['.status["a.b"]', 1],
    ['.status.a\\.b', 1],
    ['.status.list[7].ip', undefined],
    ['.status.constructor', undefined],
    ['.__proto__.polluted', undefined],
  ])('%s', (path, value) => {
    expect(readField(object, path)).toBe(value);
  });

  it.each(['', '.', '{}', 'a..b', 'a[', 'a[x]', 'a]', '.a.'])('%j is malformed', (path) => {
    expect(() => parsePath(path)).toThrow('malformed');
  });
});
