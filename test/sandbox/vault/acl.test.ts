import { describe, expect, it } from 'vitest';
import { decide, parsePolicy } from '../../../src/sandbox/vault/acl.ts';

const policy = (...rules: readonly [path: string, ...capabilities: string[]][]) =>
  rules
    .map(([path, ...words]) => `path "${path}" {\n  capabilities = [${words.map((word) => `"${word}"`).join(', ')}]\n}`)
    .join('\n');
const allowed = (path: string, rules: string, operation: 'read' | 'list' = 'read') =>
  [...decide(parsePolicy(rules), path, operation).capabilities].sort();

describe('a path in a policy', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/b', 'a', false],
    ['/a/b', 'a/b', true],
    ['a/*', 'a/b', true],
    ['a/*', 'a/b/c', true],
    ['a/*', 'a/', true],
    ['a/*', 'a', false],
    ['a*', 'ab/c', true],
    ['*', 'anything/at/all', true],
    ['a/*/c', 'a/b/c', false],
    ['a/+/c', 'a/b/c', true],
    ['a/+/c', 'a/b/d', false],
    ['a/+/c', 'a/b/b/c', false],
    ['a/+/c', 'a//c', false],
    ['+/b', 'a/b', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['a/+/c/*', 'a/b/c/d/e', true],
    ['a/+/c*', 'a/b/cc', true],
    ['a/+/c*', 'a/b', false],
    ['a/b+', 'a/bc', false],
    ['secret/+/apps/shop/*', 'secret/data/apps/shop/web', true],
    ['secret/+/apps/shop/*', 'secret/data/apps/shopping/web', false],
  ])('%s fits %s: %s', (pattern, path, fits) => {
    expect(allowed(path, policy([pattern, 'read']))).toEqual(fits ? ['read'] : []);
  });

  it('of a folder that is listed may lack its slash', () => {
    expect(allowed('a/b/', policy(['a/b', 'list']), 'list')).toEqual(['list']);
    expect(allowed('a/b/', policy(['a/b', 'list']))).toEqual([]);
  });
});

describe('of several paths that fit', () => {
  // The rules of Vault's documentation, in their order: the first path is less specific than the second.
  it.each([
    ['a/*', 'a/b', 'a/b'],
    ['a/+/c', 'a/b/*', 'a/b/c'],
    ['a/*', 'a/b*', 'a/bc'],
    ['a/+/*', 'a/+/c', 'a/b/c'],
    ['+/+/c', '+/b/c', 'a/b/c'],
    ['a/+/c/*', 'a/+/c/d*', 'a/b/c/d'],
    ['*', '+/b', 'a/b'],
  ])('%s gives way to %s at %s', (less, more, path) => {
    expect(allowed(path, policy([less, 'read'], [more, 'delete']))).toEqual(['delete']);
    expect(allowed(path, policy([more, 'delete'], [less, 'read']))).toEqual(['delete']);
    expect(allowed(path, policy([less, 'deny'], [more, 'delete']))).toEqual(['delete']);
    expect(allowed(path, policy([less, 'read'], [more, 'deny']))).toEqual([]);
  });

  it('that are the same, all count, and deny wins', () => {
    expect(allowed('a', policy(['a', 'read'], ['a', 'list', 'sudo']))).toEqual(['list', 'read', 'sudo']);
    expect(allowed('a', policy(['a', 'read', 'sudo'], ['a', 'deny']))).toEqual([]);
    expect(allowed('a/b', policy(['a/*', 'read'], ['a/*', 'deny']))).toEqual([]);
  });
});

describe('a policy', () => {
  it('is HCL or JSON, with capabilities or the old word', () => {
    const json = JSON.stringify({ path: { 'a/*': { capabilities: ['read'] }, b: { policy: 'write' } } });
    expect(parsePolicy(json)).toEqual([
      { path: 'a/*', capabilities: ['read'] },
      { path: 'b', capabilities: ['create', 'read', 'update', 'delete', 'list'] },
    ]);
    expect(parsePolicy('# comment\npath "a\\"b" {\n policy = "read"\n}')).toEqual([
      { path: 'a"b', capabilities: ['read', 'list'] },
    ]);
    expect(parsePolicy('')).toEqual([]);
  });

  it.each(['{', 'hello', 'path "a" { capabilities = ["raed"] }', 'path "a" { policy = "nonsense" }'])(
    'that is none is refused: %s',
    (text) => {
      expect(() => parsePolicy(text)).toThrow('failed to parse policy');
    },
  );
});
