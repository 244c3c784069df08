import type { Execution, Id, Json, JsonObject, OutputLine } from '../model/index.ts';
import type { EndedFromOutside } from './ending.ts';

/** The executions room as the API, the CLI and the events room see it. */
export interface Executions {
  /**
   * Renders, casts and validates the parameters and stores a requested execution. Throws `PetrelError`: `not_found` (no such
   * action), `invalid` (disabled action, bad parameters; the message names the parameter).
   */
  request(request: ExecutionRequest): Promise<Execution>;
  /** Cancels it and, of a workflow, its children. A final one throws `conflict`. */
  cancel(id: Id, user: string): Promise<Execution>;
  /**
   * Stops a workflow once what runs of it has ended, its child workflows first. Repeating it is a no-op. Throws `PetrelError`:
   * `invalid` (no workflow), `conflict` (not running).
   */
  pause(id: Id, user: string): Promise<Execution>;
  /** Lets a paused workflow go on, with its paused children and the paused workflows it belongs to. Errors as `pause`. */
  resume(id: Id, user: string): Promise<Execution>;
  /**
   * Ends an action from outside, with the status and result that are told; its own run is cut short. Throws `PetrelError`: `invalid` (a
   * workflow, an inquiry, one that is being canceled), `conflict` (it has ended).
   */
  end(id: Id, outcome: { readonly status: EndedFromOutside; readonly result: Json }, user: string): Promise<Execution>;
  /**
   * Requests the same again. With tasks: a workflow that has ended goes on with them, as a new execution. Throws `PetrelError`:
   * `invalid` (unknown tasks), `conflict` (it has not ended).
   */
  rerun(id: Id, options: RerunOptions): Promise<Execution>;
  /**
   * Answers an inquiry; the workflows that stand still because of it go on. Throws `PetrelError`: `not_found`, `invalid` (no inquiry,
   * none that waits, an answer that its schema does not allow), `forbidden`.
   */
  respond(id: Id, response: JsonObject, requester: Requester): Promise<void>;
  /** Resolves when the execution is final; rejects when `signal` aborts. */
  wait(id: Id, signal?: AbortSignal): Promise<Execution>;
  /** The parameters in clear text, to request the same again; shown to administrators alone who ask for it. */
  openParameters(execution: Execution): JsonObject;
  /** A stored result in clear text, likewise. */
  openResult(result: Json): Json;
  /** Called on each stored change of an execution, and each stored output line. Answers a function that ends the subscription. */
  onChange(listener: (change: ExecutionChange) => void): () => void;
}

export type ExecutionChange =
  | { readonly type: 'created' | 'updated'; readonly execution: Execution }
  | { readonly type: 'output'; readonly line: OutputLine };

export interface RerunOptions {
  readonly user: string;
  /** Names of the Orquesta tasks to run again, on all routes they ran on. */
  readonly tasks?: readonly string[];
  /** Those of `tasks` of which all items run again, and not only those that failed. */
  readonly reset?: readonly string[];
  /** Without tasks only; they override the old ones. */
  readonly parameters?: JsonObject;
  /** False: the old parameters are left out. Default true. */
  readonly merge?: boolean;
  /** Milliseconds to wait before it is run. */
  readonly delay?: number;
  /** Of who asks for it; absent: it begins a trace. */
  readonly traceContext?: JsonObject;
}

/** Who asks for something. */
export interface Requester {
  readonly user: string;
  readonly roles: readonly string[];
}

export interface ExecutionRequest {
  readonly actionRef: string;
  readonly parameters: JsonObject;
  readonly user: string;
  /** The parameters are data, rendered before: they are never templates again. Default false. */
  readonly literal?: boolean;
  /** Milliseconds to wait before it is run. */
  readonly delay?: number;
  readonly context?: JsonObject;
  /** The execution that it is shown below, and canceled with. No workflow waits for it. */
  readonly parent?: Execution;
  /** Who is told of its end (stackstorm-packs.md section 2.4); empty: nobody. Absent: whom the action's metadata names. */
  readonly notify?: JsonObject;
}
