import type { WatchReport } from './sensors/index.ts';

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
