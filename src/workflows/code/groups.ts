import type { WorkflowContext } from '../../sdk/index.ts';

/** `all` and `race`, which know what calls the promises they are given stand for. */
export interface Groups extends Pick<WorkflowContext<unknown>, 'all' | 'race'> {
  /** Says which call a promise stands for. */
  add(promise: Promise<unknown>, call: number): void;
}

/** `cancel` is told the calls of those that lost a race. */
export function createGroups(cancel: (calls: Iterable<number>) => void): Groups {
  const members = new WeakMap<object, ReadonlySet<number>>();
  const callsOf = (promise: unknown): ReadonlySet<number> =>
    (typeof promise === 'object' && promise !== null ? members.get(promise) : undefined) ?? new Set();

  /** A promise for several calls; that it fails must not take down the process when nobody awaits it. */
  const grouped = <T>(promise: Promise<T>, promises: readonly unknown[]): Promise<T> => {
    members.set(promise, new Set(promises.flatMap((one) => [...callsOf(one)])));
    promise.catch(() => {});
    return promise;
  };

  return {
    add: (promise, call) => {
      members.set(promise, new Set([call]));
    },
    all: (promises) => grouped(Promise.all(promises), promises),
    race: <T>(promises: readonly T[]) => {
      if (promises.length === 0) throw new Error('A race needs at least one call; with none it would never end.');
      const first = Promise.race(
        promises.map(async (one, index) => {
          try {
            return { index, value: await one };
          } catch (error) {
            return { index, error };
          }
        }),
      ).then((winner) => {
        cancel(promises.flatMap((one, index) => (index === winner.index ? [] : [...callsOf(one)])));
        if ('error' in winner) throw winner.error;
        return winner.value;
      });
      return grouped(first, promises);
    },
  };
}
