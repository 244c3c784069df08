import type { FinalStatus, Id, JsonObject } from '../../model/index.ts';
import type { Undone } from '../rollback-result.ts';
import type { CallKind, CodeEvent } from './journal.ts';

/** What the code asked for. */
export interface RecordedCall {
  readonly task: string;
  readonly kind: CallKind;
  readonly ref: string;
  /** Of its present try. */
  executionId: Id;
  canceled: boolean;
}

/** How a call ended. */
export interface Outcome {
  /** Number of the call, from 0. */
  readonly call: number;
  readonly task: string;
  readonly executionId: Id;
  readonly status: FinalStatus;
  readonly at: number;
  /** Tries that failed before this one. */
  readonly tries: number;
  /** Why the child was never created. */
  readonly refusal?: string;
}

/** An outcome that the code was told of, and how many calls it had made before. */
export interface Delivered extends Outcome {
  readonly calls: number;
}

/** A child that is awaited. */
export interface Pending {
  readonly call: number;
  readonly task: string;
  readonly kind: CallKind;
  /** Tries of the call that have failed. */
  readonly tries: number;
  /** It waits for something outside of it, and will not end by itself. */
  stopped?: 'paused' | 'pending';
}

export interface Undoing {
  readonly error: string;
  readonly traceback: string;
  /** Calls still to be undone, in this order, and how many of them are done with. */
  readonly calls: readonly number[];
  next: number;
  current:
    | { readonly task: string; readonly executionId: Id; readonly tries: number; readonly stopped?: true }
    | undefined;
  readonly results: Undone[];
}

/** Everything a journal says, as plain data. `fold` changes it in place: a step costs the same after ten and ten thousand. */
export interface CodeState {
  phase: 'new' | 'running' | 'undoing' | 'finished';
  paused: boolean;
  definition: { readonly file: string; readonly fingerprint: string };
  parameters: JsonObject;
  context: JsonObject;
  config: JsonObject;
  startedAt: number;
  readonly calls: RecordedCall[];
  readonly delivered: Delivered[];
  readonly held: Outcome[];
  readonly pending: Map<Id, Pending>;
  wish: 'cancel' | 'pause' | undefined;
  undoing: Undoing | undefined;
  /** Lines logged so far. */
  logged: number;
}

export function initial(): CodeState {
  return {
    phase: 'new',
    paused: false,
    definition: { file: '', fingerprint: '' },
    parameters: {},
    context: {},
    config: {},
    startedAt: 0,
    calls: [],
    delivered: [],
    held: [],
    pending: new Map(),
    wish: undefined,
    undoing: undefined,
    logged: 0,
  };
}

export function fold(state: CodeState, event: CodeEvent): CodeState {
  switch (event.type) {
    case 'started':
      state.phase = 'running';
      state.definition = event.definition;
      state.parameters = event.parameters;
      state.context = event.context;
      state.config = event.config;
      state.startedAt = event.at;
      break;
    case 'requested': {
      const { task, kind, ref, execution_id: id } = event;
      state.pending.set(id, { call: state.calls.length, task, kind, tries: 0 });
      state.calls.push({ task, kind, ref, executionId: id, canceled: false });
      break;
    }
    case 'retried':
      retry(state, event);
      break;
    case 'ended':
    case 'refused':
      end(state, event);
      break;
    case 'delivered': {
      const outcome = state.held.shift();
      if (outcome !== undefined) state.delivered.push({ ...outcome, calls: state.calls.length });
      break;
    }
    case 'canceled':
      cancel(state, event.execution_id);
      break;
    case 'stopped':
    case 'continued':
      stop(state, event.execution_id, event.type === 'stopped' ? event.status : undefined);
      break;
    case 'failed': {
      const { error, traceback, undoes: calls } = event;
      state.phase = 'undoing';
      state.undoing = { error, traceback, calls, next: 0, current: undefined, results: [] };
      break;
    }
    case 'undoing':
      if (state.undoing) state.undoing.current = { task: event.task, executionId: event.execution_id, tries: 0 };
      break;
    case 'undone':
      if (state.undoing) {
        const { task, error } = event;
        state.undoing.results.push({ task, ...(error !== undefined && { error }) });
        state.undoing.current = undefined;
        state.undoing.next += 1;
      }
      break;
    case 'asked':
      state.wish = event.wish;
      break;
    case 'paused':
      state.paused = true;
      break;
    case 'resumed':
      state.paused = false;
      state.wish = undefined;
      break;
    case 'logged':
      state.logged += event.lines;
      break;
    case 'finished':
      state.phase = 'finished';
      state.pending.clear();
      break;
  }
  return state;
}

function end(state: CodeState, event: CodeEvent & { type: 'ended' | 'refused' }): void {
  const { task, execution_id: executionId, at, held } = event;
  const pending = state.pending.get(executionId);
  if (pending === undefined) return;
  state.pending.delete(executionId);
  const outcome: Outcome = {
    call: pending.call,
    task,
    executionId,
    at,
    tries: pending.tries,
    ...(event.type === 'ended' ? { status: event.status } : { status: 'failed', refusal: event.error }),
  };
  if (held === true) state.held.push(outcome);
  else state.delivered.push({ ...outcome, calls: state.calls.length });
}

function cancel(state: CodeState, id: Id): void {
  const held = state.held.findIndex(({ executionId }) => executionId === id);
  const number = state.pending.get(id)?.call ?? state.held[held]?.call;
  const call = state.calls[number ?? -1];
  if (call !== undefined) call.canceled = true;
  state.pending.delete(id);
  if (held >= 0) state.held.splice(held, 1);
}

function retry(state: CodeState, { task, execution_id: id, next, tries }: CodeEvent & { type: 'retried' }): void {
  if (state.undoing !== undefined) {
    state.undoing.current = { task, executionId: next, tries };
    return;
  }
  const pending = state.pending.get(id);
  // One whose end was held has been taken from those that are awaited.
  const call = pending?.call ?? state.held.shift()?.call;
  state.pending.delete(id);
  const recorded = state.calls[call ?? -1];
  if (call === undefined || recorded === undefined) return;
  recorded.executionId = next;
  state.pending.set(next, { call, task, kind: recorded.kind, tries });
}

function stop(state: CodeState, id: Id, status: 'paused' | 'pending' | undefined): void {
  const pending = state.pending.get(id);
  if (pending !== undefined) {
    const { stopped: _, ...rest } = pending;
    state.pending.set(id, status === undefined ? rest : { ...rest, stopped: status });
  }
  const current = state.undoing?.current;
  if (state.undoing && current?.executionId === id) {
    const { stopped: _, ...rest } = current;
    state.undoing.current = status === undefined ? rest : { ...rest, stopped: true };
  }
}
