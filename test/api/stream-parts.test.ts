import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamFilter } from '../../src/api/stream/filter.ts';
import { announcedSince } from '../../src/api/stream/missed.ts';
import { followRemote } from '../../src/api/stream/remote.ts';
import { Ring } from '../../src/api/stream/ring.ts';
import { newId } from '../../src/model/index.ts';
import { openSqliteStore } from '../../src/store/index.ts';
import { execution } from '../store/given.ts';

describe('a ring', () => {
  it('gives every reader each item once, in order, or says exactly how many it has lost', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('put'), fc.constant('read')), { maxLength: 200 }), (steps) => {
        const ring = new Ring<number>(4);
        let place = 1;
        let accounted = 0;
        let put = 0;
        for (const step of steps) {
          if (step === 'put') ring.put(++put);
          else {
            const next = ring.next(place);
            if (next.kind === 'lost') {
              accounted += next.missed ?? Number.NaN;
              place = next.sequence;
            } else if (next.kind === 'item') {
              expect(next.item).toBe(accounted + 1);
              accounted += 1;
              place = next.sequence + 1;
            } else expect(accounted).toBe(put);
          }
        }
      }),
    );
  });

  it('does not pretend after it was cleared', () => {
    const ring = new Ring<string>(4);
    ring.put('one');
    const place = ring.last + 1;
    ring.clear();
    expect(ring.next(place)).toMatchObject({ kind: 'lost', missed: null });
    ring.put('two');
    const lost = ring.next(place);
    expect(lost).toMatchObject({ kind: 'lost', missed: null });
    expect(ring.next(lost.kind === 'lost' ? lost.sequence : 0)).toMatchObject({ kind: 'item', item: 'two' });
  });
});

describe('a filter', () => {
  it.each([
    [undefined, 'st2.execution__create', true],
    [undefined, 'st2.announcement__chatops', true],
    [undefined, 'st2.execution.output__create', false],
    [undefined, 'st2.actionalias__create', false],
    ['st2.execution*', 'st2.execution.output__create', true],
    ['st2.execution__[cu]*', 'st2.execution__update', true],
    ['st2.execution__[!c]*', 'st2.execution__create', false],
    ['st2.execution__?????e', 'st2.execution__create', true],
    ['*', 'anything', true],
    ['st2+execution__create', 'st2.execution__create', false],
    ['[z-a]', 'z', false],
  ])('%s on %s: %s', (events, name, expected) => {
    expect(streamFilter(events === undefined ? {} : { events: [events] }).matches({ name })).toBe(expected);
  });

  it('leaves out what is about no action when one is asked for', () => {
    const filter = streamFilter({ events: ['*'], action_refs: ['a.b'] });
    expect(filter.matches({ name: 'x' })).toBe(false);
    expect(filter.matches({ name: 'x', actionRef: 'a.b' })).toBe(true);
  });
});

describe('changes of other nodes', () => {
  it('are met in the store, once each', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'petrel-remote-'));
    const store = await openSqliteStore({ directory });
    const met: string[] = [];
    const one = (more = {}) => execution(0, { id: newId(), createdAt: Date.now(), ...more });
    const before = one();
    await store.insertExecutions([before]);
    const own = one();
    const quiet = () => undefined;
    const remote = followRemote({
      store,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      now: Date.now,
      changed: (type, { id, status }) => met.push(`${type} ${id} ${status}`),
      interval: 10,
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    remote.remember(own);
    const other = one();
    await store.insertExecutions([own, other]);
    await expect.poll(() => met).toEqual([`created ${other.id} requested`]);
    const finish = { status: 'succeeded', result: null, now: Date.now() } as const;
    await store.finishExecution({ id: other.id, ...finish });
    await store.finishExecution({ id: before.id, ...finish });
    await expect.poll(() => met.length).toBe(3);
    expect(met.slice(1).toSorted()).toEqual(
      [`updated ${before.id} succeeded`, `updated ${other.id} succeeded`].toSorted(),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(met).toHaveLength(3);
    remote.stop();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
});

describe('what was announced since a moment', () => {
  it('is what ended then or later, within a day, in that order; of another node also what may have been heard late', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'petrel-missed-'));
    const store = await openSqliteStore({ directory });
    const at = Date.now() - 3_600_000;
    const ended: Readonly<Record<string, number>> = {
      long: at - 86_400_000,
      late: at - 1000,
      second: at + 20,
      first: at + 10,
      same: at,
    };
    const names = new Map<string, string>();
    const make = async (name: string, end: number, more: object) => {
      const one = execution(0, { id: newId(), createdAt: end - 50, runnerType: 'announcement', ...more });
      names.set(one.id, name);
      await store.insertExecutions([one]);
      await store.finishExecution({ id: one.id, status: 'succeeded', result: null, now: end });
    };
    for (const [name, end] of Object.entries(ended)) await make(name, end, {});
    await make('no announcement', at + 5, { runnerType: 'noop' });
    const since = async (moment: number, dialect: 'sqlite' | 'postgres') =>
      (await announcedSince(moment, { store: { ...store, dialect }, now: Date.now })).map(({ id }) => names.get(id));
    expect(await since(at, 'sqlite')).toEqual(['same', 'first', 'second']);
    expect(await since(at, 'postgres')).toEqual(['late', 'same', 'first', 'second']);
    expect(await since(0, 'sqlite')).toEqual(['late', 'same', 'first', 'second']);
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
});
