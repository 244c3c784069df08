import { type Execution, type Id, isFinal, messageOf, putRecent } from '../../model/index.ts';
import type { Logger } from '../../sdk/index.ts';
import type { Store } from '../../store/index.ts';

interface Services {
  readonly store: Store;
  readonly log: Logger;
  readonly now: () => number;
  changed(type: 'created' | 'updated', execution: Execution): void;
  /** Milliseconds between two looks. Default 1,000. */
  readonly interval?: number;
}

/** Of how many executions it is remembered what they looked like. */
const MOST_KNOWN = 20_000;
const PAGE = 1000;
/** How far back a look goes, milliseconds: an execution may be committed after one that was requested later. */
const OVERLAP = 5000;

/**
 * Changes that other nodes make. No node is told of them, so the store is asked: for what was requested since the last look, and for
 * what had not ended then. What changed twice in between is seen once.
 */
export function followRemote({ store, log, now, changed, interval = 1000 }: Services) {
  const known = new Map<Id, string>();
  const open = new Set<Id>();
  let since = now();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const remember = (execution: Execution): void => {
    putRecent(known, execution.id, signature(execution), MOST_KNOWN);
    if (isFinal(execution.status)) open.delete(execution.id);
    else open.add(execution.id);
  };

  const meet = (execution: Execution): void => {
    const before = known.get(execution.id);
    if (before === signature(execution)) return;
    remember(execution);
    if (before === undefined) changed('created', execution);
    if (before !== undefined || execution.log.length > 1) changed('updated', execution);
  };

  const look = async (): Promise<void> => {
    const from = since - OVERLAP;
    since = now();
    const page = { limit: PAGE, offset: 0, uncounted: true };
    const fresh = await store.listExecutions({ after: from, order: 'oldest' }, page);
    fresh.items.forEach(meet);
    const ids = [...open];
    for (let start = 0; start < ids.length; start += PAGE) {
      const listed = await store.listExecutions({ ids: ids.slice(start, start + PAGE) }, page);
      listed.items.forEach(meet);
    }
  };

  const start = async (): Promise<void> => {
    const page = { limit: MOST_KNOWN / 2, offset: 0, uncounted: true };
    for (const execution of (await store.listExecutions({ after: since - OVERLAP }, page)).items) remember(execution);
    for (const execution of (await store.listExecutions({ statuses: ['running', 'paused', 'pending'] }, page)).items)
      remember(execution);
    if (!stopped) timer = setTimeout(again, interval).unref();
  };

  const again = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      log.warn(`The event stream could not look for changes of other nodes: ${messageOf(error)}`);
    }
    if (!stopped) timer = setTimeout(again, interval).unref();
  };

  void start().catch((error: unknown) => log.warn(`The event stream hears of this node only: ${messageOf(error)}`));
  return {
    /** Is told of what this node changes, so that it is not met again. */
    remember,
    stop(): void {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function signature({ status, log, attempt }: Execution): string {
  return `${status} ${log.length} ${attempt}`;
}
