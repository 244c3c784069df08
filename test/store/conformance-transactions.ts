import { describe, expect, it } from 'vitest';
import { type OpenStore, withStore } from './conformance.ts';
import { ALL, execution, id, instance, key } from './given.ts';

export function transactionConformance(open: OpenStore): void {
  describe('a transaction', () => {
    const store = withStore(open);

    it('sees its own writes, and answers what its work answers', async () => {
      const seen = await store().transaction(async (tx) => {
        await tx.putKey(key('own'));
        return (await tx.getKey('system', '', 'own'))?.value;
      });
      expect(seen).toBe('value of own');
    });

    it('that throws leaves nothing', async () => {
      const failing = store().transaction(async (tx) => {
        await tx.putKey(key('never'));
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect(await store().getKey('system', '', 'never')).toBeUndefined();
    });

    it('that hides the failure of an operation is not committed', async () => {
      await store().insertExecutions([execution(1)]);
      const hiding = store().transaction(async (tx) => {
        await tx.putKey(key('hidden'));
        await tx.insertExecutions([execution(1)]).catch(() => undefined);
      });
      await expect(hiding).rejects.toMatchObject({ code: 'conflict' });
      expect(await store().getKey('system', '', 'hidden')).toBeUndefined();
    });

    it('that collides with a journal writes nothing else either', async () => {
      const entry = { executionId: id(1), sequence: 0, timestamp: 1, event: {} };
      await store().appendJournal([entry]);
      const colliding = store().transaction(async (tx) => {
        await tx.finishExecution({ id: id(1), status: 'succeeded', result: 1, now: 1 });
        await tx.appendJournal([entry]);
      });
      await expect(colliding).rejects.toMatchObject({ code: 'conflict' });
      expect((await store().getExecution(id(1)))?.status).toBe('requested');
    });
  });

  describe('transactions that wait together', () => {
    const store = withStore(open);

    it('are committed, all but those that fail', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, (_, number) =>
          store().transaction(async (tx) => {
            await tx.insertTriggerInstances([instance(number)]);
            if (number % 10 === 3) throw new Error(`no ${number}`);
            return number;
          }),
        ),
      );
      const kept = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(kept).toHaveLength(45);
      expect(kept).not.toContain(13);
      expect((await store().listTriggerInstances({}, ALL)).total).toBe(45);
      expect(await store().getTriggerInstance(id(13))).toBeUndefined();
    });

    it('run one after the other: none sees half of another', async () => {
      await store().putKey(key('counter', { value: '0' }));
      const increments = Array.from({ length: 40 }, () =>
        store().transaction(async (tx) => {
          await tx.putHandled('lock', [
            { uid: 'x', namespace: '', name: '', resourceVersion: '', generation: 0, summary: {} },
          ]);
          const before = Number((await tx.getKey('system', '', 'counter'))?.value);
          await tx.putKey(key('counter', { value: String(before + 1) }));
        }),
      );
      await Promise.all(increments);
      expect((await store().getKey('system', '', 'counter'))?.value).toBe('40');
    });

    it('are not seen by a reader before they are committed', async () => {
      const reads: Promise<unknown>[] = [];
      await store().transaction(async (tx) => {
        await tx.putKey(key('half'));
        reads.push(store().getKey('system', '', 'half'));
        await tx.putKey(key('half', { value: 'whole' }));
      });
      const [seen] = await Promise.all(reads);
      expect([undefined, 'whole']).toContain((seen as { value: string } | undefined)?.value);
    });
  });

  describe('closing', () => {
    it('finishes what was asked for, and refuses what comes after', async () => {
      const store = await open();
      const written = store.putKey(key('last'));
      const read = store.getKey('system', '', 'last');
      await store.close();
      await expect(written).resolves.toBeUndefined();
      await read;
      await expect(store.getKey('system', '', 'last')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.transaction(async () => 1)).rejects.toMatchObject({ code: 'unavailable' });
      await store.close();
    });
  });
}
