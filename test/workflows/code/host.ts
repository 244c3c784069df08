import { MissingInput } from '../../../src/expressions/index.ts';
import type { FinalStatus, Id, Json, JsonObject } from '../../../src/model/index.ts';
import type { WorkflowDefinition } from '../../../src/sdk/index.ts';
import { type CodeState, createCode } from '../../../src/workflows/code/index.ts';
import type { Decision, TaskRequest, WorkflowEnvironment, WorkflowInput } from '../../../src/workflows/index.ts';

export interface HostOptions {
  readonly parameters?: JsonObject;
  readonly config?: JsonObject;
  /** Asked before each input: whether everything in memory is lost first, as when the process is killed. */
  forget?(): boolean;
  /** Actions that do not exist. */
  readonly unknown?: readonly string[];
}

/** One decision, and everything it was made of. */
export interface DecidedStep {
  readonly input: WorkflowInput;
  readonly results: Readonly<Record<Id, { readonly result: Json; readonly at: number }>>;
  readonly ids: readonly Id[];
  readonly clock: number;
  readonly decision: Decision;
}

/**
 * Drives the conductor of workflows in TypeScript as the executions room does: inputs in, events to the journal (as text), requests to a
 * list of children that wait for their end. What is not loaded yet is missed first, and the decision made again.
 */
export class CodeHost {
  readonly steps: DecidedStep[] = [];
  readonly journal: JsonObject[] = [];
  /** Every child that was requested, in order. */
  readonly requests: TaskRequest[] = [];
  /** Children that have not ended, in the order they were requested. */
  waiting: TaskRequest[] = [];
  readonly canceled: string[] = [];
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  status: FinalStatus | 'running' | 'paused' = 'running';
  result: Json = null;
  /** Changes when the file does. */
  fingerprint = 'first';
  definition: WorkflowDefinition;

  readonly #options: HostOptions;
  readonly #results = new Map<Id, { readonly result: Json; readonly at: number }>();
  readonly #code = createCode({
    load: async () => ({ definition: this.definition, file: 'actions/flow.ts', fingerprint: this.fingerprint }),
    now: () => this.#clock,
    log: { error: (message) => this.errors.push(message) },
  });
  #state: CodeState = this.#code.initial();
  /** What the last decision looked at. */
  #asked = new Map<Id, { readonly result: Json; readonly at: number }>();
  #clock = 1_000_000;
  #ids = 0;

  constructor(definition: WorkflowDefinition, options: HostOptions = {}) {
    this.definition = definition;
    this.#options = options;
  }

  async start(): Promise<this> {
    const { parameters = {} } = this.#options;
    await this.feed({ type: 'start', definition: {}, parameters, context: { user: 'ann' } });
    return this;
  }

  /** Ends the oldest child of that name, a second later. */
  async end(task: string, status: FinalStatus = 'succeeded', result: Json = null): Promise<void> {
    const child = this.waiting.find((one) => one.task === task);
    if (child === undefined) throw new Error(`No child "${task}" waits; there are ${this.tasks.join(', ') || 'none'}.`);
    await this.endChild(child, status, result);
  }

  async endChild(child: TaskRequest, status: FinalStatus, result: Json): Promise<void> {
    this.#clock += 1000;
    this.waiting = this.waiting.filter((one) => one !== child);
    this.#results.set(child.executionId, { result, at: this.#clock });
    await this.feed({ type: 'ended', task: child.task, executionId: child.executionId, status });
  }

  /** Ends the step of that name as its own function does. */
  async runStep(task: string): Promise<void> {
    const child = this.waiting.find((one) => one.task === task);
    const step =
      child && (await this.#evaluate((env) => this.#code.stepFunction?.(this.#state, child.executionId, env)));
    if (step === undefined) throw new Error(`"${task}" is no step that waits.`);
    try {
      // The functions of these tests look at no context.
      const result = (await step.run({} as Parameters<typeof step.run>[0])) as Json;
      await this.end(task, 'succeeded', { result: result ?? null });
    } catch (error) {
      await this.end(task, 'failed', { result: null, error: error instanceof Error ? error.message : String(error) });
    }
  }

  get tasks(): string[] {
    return this.waiting.map(({ task }) => task);
  }

  get history(): readonly string[] {
    return this.#code.history(this.journal);
  }

  /** Loses everything in memory. */
  forget(): void {
    this.#code.forget?.('execution');
    this.#state = this.journal.reduce<CodeState>((state, event) => this.#code.fold(state, event), this.#code.initial());
  }

  async feed(first: WorkflowInput): Promise<void> {
    const inputs = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      if (this.#options.forget?.() === true) this.forget();
      const given = input;
      const first = this.#ids;
      const decision = await this.#evaluate((environment) => this.#code.decide(this.#state, given, environment));
      const ids = Array.from({ length: this.#ids - first }, (_, index) => `id-${first + index}`);
      this.steps.push({ input, results: Object.fromEntries(this.#asked), ids, clock: this.#clock, decision });
      for (const event of decision.events) {
        const stored = JSON.parse(JSON.stringify(event)) as JsonObject; // what the conductor wrote
        this.journal.push(stored);
        this.#state = this.#code.fold(this.#state, event);
      }
      for (const request of decision.requests) {
        this.requests.push(request);
        if (this.#options.unknown?.includes(request.actionRef)) {
          const { task, executionId, actionRef } = request;
          inputs.push({ type: 'refused', task, executionId, error: `Action "${actionRef}" doesn't exist.` });
        } else this.waiting.push(request);
      }
      this.#apply(decision);
    }
  }

  #apply({ cancels = [], output, end, pause, goesOn }: Decision): void {
    const gone = this.waiting.filter(({ executionId }) => cancels.includes(executionId));
    this.waiting = this.waiting.filter((one) => !gone.includes(one));
    this.canceled.push(...gone.map(({ task }) => task));
    if (output !== undefined) {
      if (output.sequence !== this.lines.length) throw new Error(`Lines begin at ${output.sequence}.`);
      this.lines.push(...output.lines);
    }
    if (goesOn === true) this.status = 'running';
    if (pause !== undefined) this.status = 'paused';
    if (end === undefined) return;
    this.status = end.status;
    this.result = end.result;
  }

  /** As the executions room: each result is loaded when it is first missed, and the decision made again with the same ids. */
  async #evaluate<T>(work: (environment: WorkflowEnvironment) => T | Promise<T>): Promise<T> {
    const loaded = new Set<Id>();
    this.#asked = new Map();
    const first = this.#ids;
    for (;;) {
      this.#ids = first;
      try {
        return await work(this.#environment(loaded));
      } catch (error) {
        if (!(error instanceof MissingInput) || error.wanted.kind !== 'result') throw error;
        loaded.add(error.wanted.executionId);
      }
    }
  }

  #environment(loaded: ReadonlySet<Id>): WorkflowEnvironment {
    const ended = (executionId: Id) => {
      const entry = this.#results.get(executionId);
      if (entry === undefined || !loaded.has(executionId)) throw new MissingInput({ kind: 'result', executionId });
      this.#asked.set(executionId, entry);
      return entry;
    };
    return {
      actionRef: 'flows.flow',
      executionId: 'execution',
      config: this.#options.config ?? {},
      actionParameters: () => ({}),
      key: () => undefined,
      decrypt: (text) => text,
      result: (id) => ended(id).result,
      times: (id) => ({ createdAt: 0, updatedAt: ended(id).at }),
      newId: () => `id-${this.#ids++}`,
    };
  }
}
