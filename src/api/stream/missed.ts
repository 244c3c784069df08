import type { Execution } from '../../model/index.ts';
import type { Store } from '../../store/index.ts';

/** StackStorm's runner that announces its parameters. */
export const ANNOUNCEMENT = 'announcement';

/** What was announced longer ago is not told any more, milliseconds: nobody in the chat waits for it. */
const OLDEST = 86_400_000;
/** And not more of it than this. */
const MOST = 1000;
/** How long an announcement may take, milliseconds; one that was requested earlier is not found. */
const LONGEST = 120_000;
/** By how much a node may hear of another one's announcements later than they are made, milliseconds. */
const LAG = 2000;

/**
 * Announcements since a moment, oldest first. An announcement is what an execution ends with, so the store knows those that nobody was
 * there to hear; the other events of the stream tell of things that can be asked for anew. With several nodes one may be told twice.
 */
export async function announcedSince(
  at: number,
  { store, now }: { readonly store: Pick<Store, 'dialect' | 'listExecutions'>; readonly now: () => number },
): Promise<readonly Execution[]> {
  const since = Math.max(store.dialect === 'postgres' ? at - LAG : at, now() - OLDEST);
  const filter = {
    runnerType: ANNOUNCEMENT,
    statuses: ['succeeded'],
    after: since - LONGEST,
    order: 'oldest',
  } as const;
  const { items } = await store.listExecutions(filter, { limit: MOST, offset: 0, uncounted: true });
  const isSince = ({ endedAt = 0 }: Execution) => endedAt >= since;
  return items.filter(isSince).sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
}
