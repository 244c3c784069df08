import type { FinalStatus, Id, Json, JsonObject, ParameterSchemas } from '../model/index.ts';
import type { StepFunction } from '../runners/index.ts';

/**
 * The interface of a workflow language: a pure decision function and a fold, no I/O, clock or randomness.
 * The executions room feeds inputs, writes the decision's events to the journal and its requests as child
 * executions in one transaction, and later rebuilds the state by folding the journal. A language whose definitions are code
 * decides asynchronously (`Decided`), since code has to run until it waits.
 */
export interface Conductor<State, Decided extends Decision | Promise<Decision> = Decision> {
  /** The runner type whose executions it conducts, e.g. `action-chain`. */
  readonly runnerType: string;
  readonly description: string;
  readonly parameters: ParameterSchemas;
  readonly outputKey: string;
  /** Parses and checks a definition's text; throws `PetrelError` (`invalid`) with the place of what is wrong. */
  parse(text: string, path: string): JsonObject;
  initial(): State;
  /**
   * Applies one journal event. Folding all events of a journal gives the live state. What it is given may be changed in place and
   * answered again: whoever does not write the event must fold anew.
   */
  fold(state: State, event: JsonObject): State;
  /** A journal for people: a line for each event. Names what was published, but no values. */
  history(events: readonly JsonObject[]): readonly string[];
  /** What to do next. Does not change `state`. May throw `MissingInput` (see src/expressions) to ask for a key or a result. */
  decide(state: State, input: WorkflowInput, environment: WorkflowEnvironment): Decided;
  /** The function that a child stands for; undefined when the workflow awaits no such child. May throw `MissingInput`. */
  stepFunction?(state: State, child: Id, environment: WorkflowEnvironment): Promise<StepFunction | undefined>;
  /** Drops what is kept in memory of a workflow besides its state: a decision about it was not written. */
  forget?(workflow: Id): void;
}

/** A conductor of any language. */
export type AnyConductor = Conductor<unknown, Decision | Promise<Decision>>;

export type WorkflowInput =
  | {
      readonly type: 'start';
      readonly definition: JsonObject;
      readonly parameters: JsonObject;
      readonly context: JsonObject;
      /** Notification settings of the workflow's own execution; children without their own inherit them. */
      readonly notify?: JsonObject;
    }
  | { readonly type: 'ended'; readonly task: string; readonly executionId: Id; readonly status: FinalStatus }
  /** The requested child could not be created (unknown action, invalid parameters). */
  | { readonly type: 'refused'; readonly task: string; readonly executionId?: Id; readonly error: string }
  /** A child stopped without ending: it was paused, or waits for an answer. Its `ended` follows one day. */
  | { readonly type: 'stopped'; readonly task: string; readonly executionId: Id; readonly status: 'paused' | 'pending' }
  /** A child that was paused goes on: a workflow that stood still because of it goes on, too. */
  | { readonly type: 'resumed'; readonly task: string; readonly executionId: Id }
  /** The workflow is to end once what runs has ended; a paused one ends at once. */
  | { readonly type: 'cancel' }
  /** The workflow is to stop once what runs has ended, and to go on after `resume`. */
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /**
   * The workflow has ended and is to go on: these tasks run again, and then what follows them. Throws `PetrelError` (`invalid`) when
   * there is no such task, or nothing to run.
   */
  | { readonly type: 'rerun'; readonly tasks: readonly TaskToRerun[] };

export interface TaskToRerun {
  readonly task: string;
  /** Default: all routes on which it ran. */
  readonly route?: number;
  /** All items again, and not only those that failed. Default false. */
  readonly resetItems?: boolean;
}

/** What a conductor may look at besides its state. All of it is synchronous. */
export interface WorkflowEnvironment {
  /** Name of the workflow's action, and its pack's resolved configuration. */
  readonly actionRef: string;
  readonly executionId: Id;
  /** Address of the API, `.../api/v1`; absent: there is none. */
  readonly apiUrl?: string;
  readonly config: JsonObject;
  /** Parameter schemas (runner's and action's, merged) of a registered action; undefined when there is none. */
  actionParameters(ref: string): ParameterSchemas | undefined;
  /** Inspection looks for actions there are not, and for parameters they do not have. Default: there is no registry to ask. */
  readonly inspectsActions?: true;
  /** Stored value of a datastore key; undefined when there is none. Throws `MissingInput` when not loaded yet. */
  key(scope: 'system' | 'user', name: string): string | undefined;
  decrypt(ciphertext: string): string;
  /** The result of an ended child. Throws `MissingInput` when not loaded yet. */
  result(executionId: Id): Json;
  /** Start and end of an ended child, epoch milliseconds. */
  times(executionId: Id): { readonly createdAt: number; readonly updatedAt: number };
  /** A fresh id for a child to be requested. The same decision gets the same ids when it is made again. */
  newId(): Id;
}

export interface Decision {
  /** Written to the journal, in order, before anything else happens. */
  readonly events: readonly JsonObject[];
  readonly requests: readonly TaskRequest[];
  /** Paused children that are to be resumed. */
  readonly resumes?: readonly Id[];
  /** Children that are to be canceled: the workflow does not wait for them any more. */
  readonly cancels?: readonly Id[];
  /** Lines for the workflow's own output; the first has this sequence number. */
  readonly output?: { readonly sequence: number; readonly lines: readonly string[] };
  /** The workflow is paused now, or still; `result` is what it has so far. */
  readonly pause?: { readonly result: Json };
  /** The workflow was paused and is no longer. */
  readonly goesOn?: true;
  /** The workflow ends with this. */
  readonly end?: { readonly status: FinalStatus; readonly result: Json };
}

export interface TaskRequest {
  readonly task: string;
  /** The id the child execution will have (from `newId`). */
  readonly executionId: Id;
  readonly actionRef: string;
  /** Rendered and cast. */
  readonly parameters: JsonObject;
  /** Merged into the child's context, e.g. `{chain: {...}}`. `parent` is added by the executions room. */
  readonly context: JsonObject;
  /** Who is told of its end; empty: nobody. Absent: whom the action's own metadata names. */
  readonly notify?: JsonObject;
  /** Milliseconds to wait before it is run. */
  readonly delay?: number;
  /** It undoes what the task did. */
  readonly compensates?: true;
}
