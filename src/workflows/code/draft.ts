import type { FinalStatus, Id, Json, JsonObject } from '../../model/index.ts';
import type { Decision, TaskRequest, WorkflowEnvironment } from '../conductor.ts';
import type { Call, Undo } from './calls.ts';
import type { CodeEvent } from './journal.ts';
import type { CodeRun } from './run.ts';
import type { CodeState, Outcome } from './state.ts';

/** One decision in the making: what is to be written, requested and canceled. The state is only read. */
export class Draft {
  readonly #events: CodeEvent[] = [];
  readonly #requests = new Map<Id, TaskRequest>();
  readonly #cancels: Id[] = [];
  readonly #lines: string[] = [];
  /** Of calls that are new, or tried again. */
  readonly #executions = new Map<number, Id>();
  #known: number;
  readonly #state: CodeState;
  readonly #environment: WorkflowEnvironment;
  /** Outcomes the code was told of in this decision. */
  readonly delivered: Outcome[] = [];

  constructor(state: CodeState, environment: WorkflowEnvironment) {
    this.#state = state;
    this.#known = state.calls.length;
    this.#environment = environment;
  }

  write(event: CodeEvent): void {
    this.#events.push(event);
  }

  /** Takes over what the code has asked for since the last decision, or the last time. */
  collect(run: CodeRun): void {
    for (const call of run.calls.slice(this.#known)) {
      const id = this.#environment.newId();
      this.#executions.set(this.#known++, id);
      this.write({ type: 'requested', task: call.task, kind: call.kind, ref: call.ref, execution_id: id });
      this.request(id, call, call.kind, call.delay);
    }
    const { lines, canceled } = run.take();
    for (const number of canceled) this.cancel(number, run);
    if (lines.length > 0) this.write({ type: 'logged', lines: lines.length });
    this.#lines.push(...lines);
  }

  request(id: Id, call: Call | (Undo & { task: string }), kind: string, delay?: number): void {
    this.#requests.set(id, {
      task: call.task,
      executionId: id,
      actionRef: call.ref,
      parameters: call.input,
      context: { typescript: { kind } },
      ...(delay !== undefined && { delay }),
    });
  }

  /** The call is tried again as another execution. */
  requestAgain(number: number, id: Id, call: Call, delay: number): void {
    this.#executions.set(number, id);
    this.request(id, call, call.kind, delay);
  }

  /** Nobody waits for the call any more. One that was requested in this very decision is not requested at all. */
  cancel(number: number, run: CodeRun): void {
    const id = this.#executions.get(number) ?? this.#state.calls[number]?.executionId;
    if (id === undefined) return;
    this.write({ type: 'canceled', task: run.calls[number]?.task ?? '', execution_id: id });
    if (!this.#requests.delete(id) && this.#state.pending.has(id)) this.#cancels.push(id);
  }

  /** Nobody waits for a child any more, whatever call it belongs to. */
  abandon(id: Id): void {
    this.write({ type: 'canceled', task: this.#state.pending.get(id)?.task ?? '', execution_id: id });
    this.#cancels.push(id);
  }

  end(status: FinalStatus, result: Json, error?: string): Decision {
    this.write({ type: 'finished', status, ...(error !== undefined && { error }) });
    return { ...this.decision(), end: { status, result } };
  }

  pause(): Decision {
    this.write({ type: 'paused' });
    return { ...this.decision(), pause: { result: { result: null } } };
  }

  decision(): Decision {
    return {
      // Events hold nothing but JSON; their types just say more precisely which.
      events: this.#events as readonly JsonObject[],
      requests: [...this.#requests.values()],
      ...(this.#cancels.length > 0 && { cancels: this.#cancels }),
      ...(this.#lines.length > 0 && { output: { sequence: this.#state.logged, lines: this.#lines } }),
    };
  }
}
