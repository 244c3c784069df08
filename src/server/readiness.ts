import type { Engine } from '../executions/index.ts';
import { messageOf } from '../model/index.ts';
import type { Sensors, WatchReport } from '../sensors/index.ts';
import type { Store } from '../store/index.ts';

/** What the sensors still wait for; `watches` is undefined until they have started. A kind that the cluster does not serve is no hindrance. */
export function unreadiness(watches: readonly WatchReport[] | undefined): readonly string[] {
  if (watches === undefined) return ['The sensors have not started yet.'];
  return watches.flatMap(({ target, state }) => {
    const what = `The watch of ${target.kind}`;
    if (state.phase === 'starting' || state.phase === 'listing') return [`${what} has not seen everything yet.`];
    if (state.phase === 'waiting' && !state.missing) return [`${what} waits: ${state.reason}.`];
    return [];
  });
}

export interface Checks {
  /** Whether the process works, by itself; a reason for each thing that does not. */
  health(): Promise<readonly string[]>;
  /** Whether all that it needs is there, and it does its work; likewise. */
  readiness(): Promise<readonly string[]>;
}

/** What GET /healthz and GET /readyz answer. `sensors`: undefined until they have started. */
export function createChecks(services: {
  readonly store: Pick<Store, 'nextClaimTime'>;
  readonly executions: Pick<Engine, 'problems'>;
  readonly now: () => number;
  sensors(): (Pick<Sensors, 'watches'> & { readonly packs: Pick<Sensors['packs'], 'problem'> }) | undefined;
}): Checks {
  const { store, executions, now } = services;
  const health = async () => {
    try {
      await store.nextClaimTime(now());
      return [];
    } catch (error) {
      return [`The store does not answer: ${messageOf(error)}`];
    }
  };
  return {
    health,
    async readiness() {
      const sensors = services.sensors();
      const lease = sensors?.packs.problem();
      return [
        ...(await health()),
        ...executions.problems(),
        ...unreadiness(sensors?.watches()),
        ...(lease === undefined ? [] : [lease]),
      ];
    },
  };
}
