import { MissingInput } from '../../src/expressions/index.ts';
import type { FinalStatus, Id, Json, JsonObject, ParameterSchemas } from '../../src/model/index.ts';
import type {
  Conductor,
  Decision,
  TaskRequest,
  WorkflowEnvironment,
  WorkflowInput,
} from '../../src/workflows/index.ts';

/** How a child ends, or why it cannot even be created. */
export type Outcome =
  | { readonly status: FinalStatus | 'paused' | 'pending'; readonly result?: Json }
  | { readonly raise: string };

export interface HostOptions {
  readonly definition: JsonObject;
  readonly parameters?: JsonObject;
  readonly notify?: JsonObject;
  readonly config?: JsonObject;
  readonly actions: Readonly<Record<string, ParameterSchemas>>;
  readonly keys?: { readonly system?: Record<string, string>; readonly user?: Record<string, string> };
  /** The n-th run of a task, counted from 0. */
  outcome(task: string, run: number): Outcome;
  /** What is asked of the chain while the child with that running number runs. */
  wish?(child: number): 'cancel' | 'pause' | undefined;
  /** The state is made anew from the journal, as text, before every decision. */
  readonly rebuild: boolean;
}

interface Child {
  readonly number: number;
  readonly request: TaskRequest;
  readonly outcome: Outcome;
}

/**
 * Drives a conductor as the executions room does, children ending in the order they were requested: inputs in, events to the
 * journal, requests to a queue. What is not loaded yet is missed first, and the decision made again.
 */
export class ChainHost<State> {
  readonly journal: JsonObject[] = [];
  readonly requests: TaskRequest[] = [];
  /** Where the chain stands: its status and result at its last end or pause. */
  status: FinalStatus | 'paused' | 'running' = 'running';
  result: Json = null;

  readonly #conductor: Conductor<State>;
  readonly #options: HostOptions;
  readonly #queue: Child[] = [];
  readonly #children = new Map<Id, Child>();
  readonly #results = new Map<Id, Json>();
  readonly #loaded = new Set<string>();
  readonly #runs = new Map<string, number>();
  #state: State;

  constructor(conductor: Conductor<State>, options: HostOptions) {
    this.#conductor = conductor;
    this.#options = options;
    this.#state = conductor.initial();
  }

  /** The state as it is held, and as the journal tells it. */
  get states(): readonly [State, State] {
    return [this.#state, this.#rebuilt()];
  }

  start(most?: number): void {
    const { definition, parameters = {}, notify } = this.#options;
    const context = { user: 'stanley', pack: 'demo' };
    this.feed({ type: 'start', definition, parameters, context, ...(notify === undefined ? {} : { notify }) });
    this.drain(most);
  }

  /** Lets children end until nothing runs any more. */
  drain(most = 500): void {
    for (let count = 0; count < most; count += 1) {
      const child = this.#queue.shift();
      if (child === undefined) return;
      const wish = this.#options.wish?.(child.number);
      if (wish !== undefined) this.feed({ type: wish });
      this.end(child, child.outcome);
    }
  }

  resume(resumedResult: Json = {}, most?: number): void {
    this.status = 'running';
    const decision = this.feed({ type: 'resume' });
    for (const id of decision.resumes ?? []) {
      const child = this.#children.get(id);
      if (child !== undefined) this.end(child, { status: 'succeeded', result: resumedResult });
    }
    this.drain(most);
  }

  /** A child changes while the chain is paused. */
  change(number: number, status: FinalStatus, result: Json): void {
    const child = [...this.#children.values()].find((each) => each.number === number);
    if (child === undefined) throw new Error(`There is no child ${number}.`);
    this.end(child, { status, result });
  }

  end(child: Child, outcome: Outcome): void {
    const { task, executionId } = child.request;
    if ('raise' in outcome) {
      this.feed({ type: 'refused', task, error: outcome.raise });
      return;
    }
    const { status, result = {} } = outcome;
    this.#results.set(executionId, result);
    this.feed(
      status === 'paused' || status === 'pending'
        ? { type: 'stopped', task, executionId, status }
        : { type: 'ended', task, executionId, status },
    );
  }

  feed(input: WorkflowInput): Decision {
    const state = this.#options.rebuild ? this.#rebuilt() : this.#state;
    const decision = this.#evaluate(state, input);
    for (const event of decision.events) {
      this.journal.push(event);
      this.#state = this.#conductor.fold(this.#state, event);
    }
    for (const request of decision.requests) this.#take(request);
    if (decision.pause !== undefined) {
      this.status = 'paused';
      this.result = decision.pause.result;
    }
    if (decision.end !== undefined) {
      this.status = decision.end.status;
      this.result = decision.end.result;
    }
    return decision;
  }

  #take(request: TaskRequest): void {
    const run = this.#runs.get(request.task) ?? 0;
    this.#runs.set(request.task, run + 1);
    const child = { number: this.requests.length, request, outcome: this.#options.outcome(request.task, run) };
    this.requests.push(request);
    this.#children.set(request.executionId, child);
    this.#queue.push(child);
  }

  #rebuilt(): State {
    const entries = JSON.parse(JSON.stringify(this.journal)) as JsonObject[];
    return entries.reduce((state, event) => this.#conductor.fold(state, event), this.#conductor.initial());
  }

  #evaluate(state: State, input: WorkflowInput): Decision {
    for (;;) {
      let ids = 0;
      const newId = () => (1_000_000 + this.requests.length * 10 + ids++).toString(16).padStart(24, '0');
      try {
        return this.#conductor.decide(state, input, this.#environment(newId));
      } catch (error) {
        if (!(error instanceof MissingInput)) throw error;
        this.#loaded.add(JSON.stringify(error.wanted));
      }
    }
  }

  #environment(newId: () => Id): WorkflowEnvironment {
    const { actions, config = {}, keys = {} } = this.#options;
    const need = (wanted: MissingInput['wanted']) => {
      if (!this.#loaded.has(JSON.stringify(wanted))) throw new MissingInput(wanted);
    };
    return {
      actionRef: 'demo.chain',
      executionId: 'parent-ex',
      config,
      actionParameters: (ref) => (Object.hasOwn(actions, ref) ? actions[ref] : undefined),
      key(scope, name) {
        need({ kind: 'key', scope, name });
        return keys[scope]?.[scope === 'user' ? name.replace('stanley:', '') : name];
      },
      decrypt: (text) => text.replace('sealed:', ''),
      result: (executionId) => {
        need({ kind: 'result', executionId });
        return this.#results.get(executionId) ?? null;
      },
      times: () => ({ createdAt: 1_700_000_000_000, updatedAt: 1_700_000_001_500 }),
      newId,
    };
  }
}
