import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '../../src/sensors/packed-entry.ts';
import { createProjection, differs, isMetadataOnly, project, readFieldPath } from '../../src/sensors/projection.ts';

const object = {
  apiVersion: 'example.org/v1',
  kind: 'Widget',
  metadata: {
    name: 'a',
    namespace: 'shop',
    uid: 'u',
    resourceVersion: '7',
    generation: 3,
    labels: { app: 'web', 'app.kubernetes.io/name': 'shop' },
    managedFields: [{ manager: 'kubectl' }],
  },
  spec: { engine: 'mysql', size: { cpu: 1, memory: 2 }, users: [{ name: 'ann' }] },
  status: { phase: 'Ready' },
};
const projection = (...texts: string[]) => createProjection(texts.map((text) => readFieldPath(text) ?? []));
const identity = { name: 'a', namespace: 'shop', uid: 'u', resourceVersion: '7', generation: 3 };

describe('A path of a field', () => {
  it.each([
    ['metadata', ['metadata']],
    ['spec.size.cpu', ['spec', 'size', 'cpu']],
    ["metadata.labels['app.kubernetes.io/name']", ['metadata', 'labels', 'app.kubernetes.io/name']],
    ['metadata.labels.app\\.kubernetes\\.io/name', ['metadata', 'labels', 'app.kubernetes.io/name']],
  ])('is read: %s', (text, path) => {
    expect(readFieldPath(text)).toEqual(path);
  });

  it.each(['', '.spec', 'spec.', 'spec..size', 'spec.users[0]', 'spec[size]'])('is refused: %j', (text) => {
    expect(readFieldPath(text)).toBeUndefined();
  });

  it('tells whether the metadata are enough', () => {
    expect(isMetadataOnly([['metadata', 'labels'], ['kind']])).toBe(true);
    expect(isMetadataOnly([['metadata'], ['spec']])).toBe(false);
  });
});

describe('A projection', () => {
  it.each([
    [['spec.engine'], { spec: { engine: 'mysql' } }],
    [['spec.size.cpu', 'status'], { spec: { size: { cpu: 1 } }, status: { phase: 'Ready' } }],
    [['spec.size', 'spec.size.cpu'], { spec: { size: { cpu: 1, memory: 2 } } }],
    [['spec.size.cpu', 'spec.size'], { spec: { size: { cpu: 1, memory: 2 } } }],
    [['spec.users'], { spec: { users: [{ name: 'ann' }] } }],
    [['spec.none', 'spec.engine.none', 'nothing'], { spec: {} }],
  ])('of %j keeps these and what names the object', (paths, kept) => {
    const { apiVersion, kind } = object;
    expect(project(object, projection(...paths))).toEqual({ apiVersion, kind, metadata: identity, ...kept });
  });

  it('of metadata leaves out who wrote which field', () => {
    const { managedFields: _, ...metadata } = object.metadata;
    expect(project(object, projection('metadata')).metadata).toEqual(metadata);
  });

  it.each([
    ['another resourceVersion', { metadata: { ...object.metadata, resourceVersion: '8', managedFields: [] } }, false],
    ['a field that nobody reads', { status: { phase: 'Failed' } }, false],
    ['a field that is read', { spec: { ...object.spec, engine: 'postgres' } }, true],
    ['a field that is gone', { spec: {} }, true],
    ['a label', { metadata: { ...object.metadata, labels: {} } }, true],
  ])('takes %s for a difference or not', (_what, changes, expected) => {
    expect(differs(object, { ...object, ...changes }, projection('spec.engine', 'metadata.labels'))).toBe(expected);
  });

  it('takes the beginning of a deletion for a difference, whatever is read', () => {
    const deleting = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(differs(object, deleting, projection('spec.engine'))).toBe(true);
    expect(differs(deleting, deleting, projection('spec.engine'))).toBe(false);
  });
});

describe('An entry of the index', () => {
  it('is the same when it was packed and unpacked', () => {
    const word = fc.stringMatching(/^[^ ]{0,20}$/);
    const entry = fc.record({
      uid: fc.oneof(fc.uuid(), fc.string()),
      resourceVersion: fc.oneof(fc.nat().map(String), word),
      generation: fc.nat(2 ** 48),
      deleting: fc.boolean(),
    });
    fc.assert(
      fc.property(entry, (one) => {
        expect(unpack(pack(one))).toEqual(one);
      }),
    );
  });
});
