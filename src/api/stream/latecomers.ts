import { type Execution, isFinal } from '../../model/index.ts';
import { showExecution } from '../execution-view.ts';
import type { ApiServices } from '../services.ts';
import type { Facts } from './filter.ts';

/** Milliseconds for which the end of an installation is told to whoever asked for it and comes to listen. */
const RECENT = 30_000;
const MOST = 10;
const INSTALLATIONS = ['packs.install', 'packs.uninstall'];

export interface MissedEnd {
  readonly facts: Facts & { readonly name: 'st2.execution__update' };
  /** Whether it is the end that the reader waits for. */
  readonly isLast: boolean;
  /** The body of the event, one line of JSON. */
  data(): Promise<string>;
}

/**
 * Ends that came before their reader. StackStorm's clients request something and only then begin to listen for its end, as what they
 * request takes minutes there; here it has ended meanwhile, and they would wait for ever. Told again are the end of the execution that the
 * stream is to end with, and those of packs that the same user had installed or removed a moment ago.
 */
export async function missedEnds(
  {
    end_event: endEvent,
    end_execution_id: endId,
  }: { end_event?: string | undefined; end_execution_id?: string | undefined },
  user: string,
  services: ApiServices,
): Promise<readonly MissedEnd[]> {
  const { store, now } = services;
  const found: Execution[] = [];
  if (endId !== undefined) {
    const execution = await store.getExecution(endId);
    if (execution !== undefined) found.push(execution);
  } else {
    const newest = { limit: MOST, offset: 0, uncounted: true };
    for (const actionRef of INSTALLATIONS) {
      found.push(...(await store.listExecutions({ actionRef, user, after: now() - RECENT }, newest)).items);
    }
  }
  return found
    .filter(({ status }) => isFinal(status))
    .map((execution) => ({
      facts: { name: 'st2.execution__update', actionRef: execution.actionRef, executionId: execution.id },
      isLast: endEvent !== undefined && execution.id === endId,
      data: async () => JSON.stringify(await showExecution(execution, services)),
    }));
}
