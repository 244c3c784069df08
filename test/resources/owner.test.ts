import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownerOf, readTag } from '../../src/resources/owner.ts';

const UID = '6f1c2a52-3c5e-4f6e-9f0e-0d6a0c7f9b11';
const label = (longest: number) =>
  fc.stringMatching(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/).map((text) => text.padEnd(longest, 'x').slice(0, longest));

describe('the tag of an owner', () => {
  it('says cluster, resource, namespace, name and uid', () => {
    const { tag } = ownerOf('c', 'databases.mysqldb', { uid: UID, namespace: 'shop', name: 'orders' });
    expect(tag).toMatch(/^petrel\/[0-9a-f]{8}\/databases\.mysqldb\/shop\/orders\/6f1c2a52-/);
    expect(readTag('c', 'databases.mysqldb', tag)).toEqual({ uid: UID, namespace: 'shop', name: 'orders' });
  });

  it('is what AWS takes, however long the names are, and still says whose a thing is', () => {
    const lengths = fc.tuple(fc.integer({ min: 1, max: 63 }), fc.integer({ min: 1, max: 253 }));
    const names = lengths.chain(([one, other]) => fc.tuple(label(one), label(other)));
    const refs = fc.tuple(fc.integer({ min: 1, max: 63 }), fc.integer({ min: 1, max: 63 }));
    fc.assert(
      fc.property(names, refs, ([namespace, name], [pack, resource]) => {
        const ref = `${'p'.repeat(pack)}.${'r'.repeat(resource)}`;
        const { tag } = ownerOf('c', ref, { uid: UID, namespace, name });
        expect(tag.length).toBeLessThanOrEqual(256);
        expect(tag).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
        expect(readTag('c', ref, tag)?.uid).toBe(UID);
      }),
    );
  });

  it('keeps long names apart where people read them', () => {
    const tags = ['a', 'b'].map((end) => {
      const name = `${'n'.repeat(250)}${end}`;
      return ownerOf('c', 'databases.mysqldb', { uid: UID, namespace: 's'.repeat(63), name }).tag;
    });
    expect(tags[0]).not.toBe(tags[1]);
    expect(tags[0]).toContain(`/${'s'.repeat(63)}/`);
  });
});
