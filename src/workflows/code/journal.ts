import type { FinalStatus, Id, JsonObject } from '../../model/index.ts';

export type CallKind = 'step' | 'child' | 'sleep';

/**
 * What a workflow in TypeScript writes to its journal. Results of children are not in it: they are read by the child's id. Times are
 * epoch milliseconds. `version` numbers the behaviour a run was started with, so that a later release can go on with it as it began.
 */
export type CodeEvent =
  | {
      readonly type: 'started';
      readonly version: 1;
      /** The file, relative to its pack, and what it said. */
      readonly definition: { readonly file: string; readonly fingerprint: string };
      readonly parameters: JsonObject;
      readonly context: JsonObject;
      readonly config: JsonObject;
      readonly at: number;
    }
  /** The code asked for something. The n-th of these is the n-th call of the code. */
  | {
      readonly type: 'requested';
      readonly task: string;
      readonly kind: CallKind;
      readonly ref: string;
      readonly execution_id: Id;
    }
  /** A try of a call, or of its undoing, failed and is repeated as the execution `next`. `tries` counts those that failed. */
  | {
      readonly type: 'retried';
      readonly task: string;
      readonly execution_id: Id;
      readonly status: FinalStatus;
      readonly next: Id;
      readonly tries: number;
      /** Milliseconds. */
      readonly delay: number;
    }
  /** `held`: it ended while the workflow was to stand still, and the code has not been told. */
  | {
      readonly type: 'ended';
      readonly task: string;
      readonly execution_id: Id;
      readonly status: FinalStatus;
      readonly at: number;
      readonly held?: true;
    }
  | {
      readonly type: 'refused';
      readonly task: string;
      readonly execution_id: Id;
      readonly error: string;
      readonly at: number;
      readonly held?: true;
    }
  /** The code was told of the first of the ends that were held. */
  | { readonly type: 'delivered'; readonly task: string; readonly execution_id: Id }
  /** Nobody waits for the call any more. */
  | { readonly type: 'canceled'; readonly task: string; readonly execution_id: Id }
  | {
      readonly type: 'stopped';
      readonly task: string;
      readonly execution_id: Id;
      readonly status: 'paused' | 'pending';
    }
  | { readonly type: 'continued'; readonly task: string; readonly execution_id: Id }
  /** The code failed, and these calls (by number, from 0) are undone, in this order. */
  | { readonly type: 'failed'; readonly error: string; readonly traceback: string; readonly undoes: readonly number[] }
  | { readonly type: 'undoing'; readonly task: string; readonly ref: string; readonly execution_id: Id }
  | {
      readonly type: 'undone';
      readonly task: string;
      readonly execution_id: Id;
      readonly status: FinalStatus;
      readonly error?: string;
    }
  | { readonly type: 'asked'; readonly wish: 'cancel' | 'pause' }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed'; readonly at: number }
  /** The code logged so many lines, which are in the execution's output. */
  | { readonly type: 'logged'; readonly lines: number }
  | { readonly type: 'finished'; readonly status: FinalStatus; readonly error?: string };

/** A journal for people: a line for each event. */
export function history(events: readonly CodeEvent[]): string[] {
  return events.map(line);
}

function line(event: CodeEvent): string {
  switch (event.type) {
    case 'started':
      return `starts (${event.definition.file}, ${event.definition.fingerprint})`;
    case 'requested':
      return `requests ${event.task} (${event.kind === 'child' ? event.ref : event.kind})`;
    case 'retried':
      return `${event.task} ${event.status}; tries again in ${event.delay / 1000} s (try ${event.tries + 1})`;
    case 'ended':
      return `${event.task} ${event.status}${event.held === true ? '; held until the workflow is resumed' : ''}`;
    case 'refused':
      return `${event.task} refused: ${event.error}`;
    case 'delivered':
      return `goes on after ${event.task}`;
    case 'canceled':
      return `cancels ${event.task}`;
    case 'stopped':
      return `${event.task} ${event.status}`;
    case 'continued':
      return `${event.task} running`;
    case 'failed':
      return `code failed, ${event.undoes.length} ${event.undoes.length === 1 ? 'call is' : 'calls are'} undone: ${event.error}`;
    case 'undoing':
      return `undoes ${event.task} (${event.ref})`;
    case 'undone':
      return event.status === 'succeeded'
        ? `${event.task} undone`
        : `${event.task} could not be undone: ${event.error ?? event.status}`;
    case 'asked':
      return `asked to ${event.wish}`;
    case 'paused':
      return 'workflow paused';
    case 'resumed':
      return 'workflow running';
    case 'logged':
      return `logs ${event.lines} ${event.lines === 1 ? 'line' : 'lines'}`;
    case 'finished':
      return `workflow ${event.status}${event.error === undefined ? '' : `: ${event.error}`}`;
  }
}
