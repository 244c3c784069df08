import { onTime, str, toJson } from '../../expressions/index.ts';
import { type FinalStatus, type Id, isJsonObject, type Json, type JsonObject, PetrelError } from '../../model/index.ts';
import type { Decision, TaskRequest, WorkflowEnvironment, WorkflowInput } from '../conductor.ts';
import { reasonOf } from '../reason.ts';
import type { References } from '../references.ts';
import { isToBeUndone, nextUndo, renderUndo, rollbackOf, stopRollback } from './compensation.ts';
import { errorOnTime } from './errors.ts';
import { ConductError, messageOfFailure, resultsOf } from './expressions.ts';
import { encodeChange } from './journal.ts';
import { type Child, type LiveWorkflow, type Notification, type OrquestaEvent, undoOf } from './live.ts';
import { type NextTask, nextTasks } from './next-tasks.ts';
import { notificationOf } from './notify.ts';
import { postEvent, type TaskEvent } from './post-event.ts';
import type { ActionRequest } from './render.ts';
import { rerunTasks } from './rerun.ts';
import { change, fail, hasNext, logError, type Run, requestStatus, setTaskStatus } from './run.ts';
import { renderOutput, start } from './start.ts';
import { type Entry, keyOf, latestEntry, type Undo, type Variables } from './state.ts';
import { isAbended, isCompleted, isConducting, type Status } from './statuses.ts';

/** A cycle of such tasks would go round for ever. */
const MOST_AT_ONCE = 1000;

/** One step of a workflow: what an input changes, requests and brings to an end. */
export class Step {
  readonly #workflow: LiveWorkflow;
  readonly #run: Run;
  readonly #environment: WorkflowEnvironment;
  readonly #before: Status | undefined;
  #notify: Notification | undefined;
  readonly #requests: TaskRequest[] = [];
  readonly #requested: ({ execution_id: Id } & Child)[] = [];
  #resumes: readonly Id[] = [];
  #ended: Id | undefined;
  #refusedChild: Id | undefined;
  /** What the child that ended did, when it can be undone. */
  #undo: Undo | undefined;
  /** Tasks that succeeded at once in this step. */
  #atOnce = 0;

  constructor(workflow: LiveWorkflow, run: Run, environment: WorkflowEnvironment) {
    this.#workflow = workflow;
    this.#run = run;
    this.#environment = environment;
    this.#before = run.state.status;
    this.#notify = workflow.notify;
  }

  take(input: WorkflowInput): void {
    const run = this.#run;
    switch (input.type) {
      case 'start':
        this.#notify = notificationOf(input);
        start(run, variablesOf(input.parameters), this.#parentVariables(input.context));
        if (!isCompleted(run.state.status)) requestStatus(run, 'running');
        break;
      case 'ended':
      case 'stopped':
        this.#childChanged(input.executionId, input.status);
        break;
      case 'resumed':
        this.#childChanged(input.executionId, 'running');
        // It was this child that the workflow began to pause for.
        if (run.state.status === 'pausing') this.#ask('running');
        break;
      case 'refused':
        this.#refused(input.task, input.error);
        break;
      case 'cancel':
        this.#ask('canceling');
        stopRollback(run, this.#runs());
        break;
      case 'pause':
        this.#ask('pausing');
        break;
      case 'resume':
        this.#ask('resuming');
        this.#resumes = this.#suspended();
        this.#endItems();
        break;
      case 'rerun':
        rerunTasks(run, input.tasks);
    }
    this.#goOn();
    if (input.type === 'rerun' && run.state.status === 'resuming') {
      const names = input.tasks.map(({ task }) => task).join(', ');
      throw new PetrelError('invalid', `There is nothing to run again in ${names}; name tasks that run an action.`);
    }
  }

  /** What StackStorm puts into a workflow's context before its inputs. */
  #parentVariables(context: JsonObject): Variables {
    const { actionRef, executionId, apiUrl } = this.#environment;
    const { api_user: apiUser, source_channel: channel } = context;
    const [pack = ''] = actionRef.split('.');
    return variablesOf({
      st2: {
        action_execution_id: executionId,
        workflow_execution_id: executionId,
        user: context.user ?? null,
        pack,
        action: actionRef,
        runner: 'orquesta',
        ...(apiUrl !== undefined && { api_url: apiUrl }),
        ...(apiUser !== undefined && { api_user: apiUser }),
        ...(channel !== undefined && { source_channel: channel }),
      },
      parent: context,
    });
  }

  #childChanged(id: Id, status: Status): void {
    const child = this.#workflow.children.get(id);
    if (child === undefined) return;
    const { task, route, item } = child;
    const environment = this.#environment;
    const result = () => environment.result(id);
    if (isCompleted(status)) this.#ended = id;
    if (child.undoes === true) {
      if (isCompleted(status))
        this.#undone(task, status === 'succeeded' ? undefined : reasonOf(environment.result(id)));
      return;
    }
    if (status === 'succeeded') this.#undo = undoOf(this.#workflow, id);
    const event: TaskEvent =
      item === undefined
        ? { status, result }
        : { status, result, item: { index: item, results: () => this.#itemResults(task, route, item, id) } };
    this.#guarded(() => {
      const run = this.#run;
      const before = latestEntry(run.state, task, route);
      // As StackStorm: a task that stood still runs again before it ends; one with items only where the workflow hands out items.
      if (before?.status === 'paused' && isCompleted(status)) {
        if (item === undefined) setTaskStatus(run, before, 'running');
        else if (isConducting(run.state.status))
          postEvent(run, task, route, { status: 'running', item: { index: item } });
      }
      const entry = postEvent(run, task, route, event);
      if (run.state.status === 'paused') this.#endPaused(entry);
    });
  }

  /**
   * A paused workflow takes in how a task of it ends (an inquiry, a child that was canceled); what follows waits for the resume. When
   * nothing can follow, it ends now: Orquesta's table has no word for that, and the resume would let it succeed.
   */
  #endPaused(entry: Entry): void {
    if (isAbended(entry.status) && !hasNext(this.#run, entry, false)) fail(this.#run);
    else if (entry.status === 'canceled') this.#ask('canceled');
  }

  /** Results of a task's items in their order, null for those without one. */
  #itemResults(task: string, route: number, item: number, id: Id): readonly unknown[] {
    const items = this.#workflow.items.get(keyOf(task, route)) ?? [];
    return Array.from(items, (child, index) => {
      const ended = index === item ? id : child;
      return ended === undefined ? null : this.#environment.result(ended);
    });
  }

  #refused(task: string, error: string): void {
    const [id, child] = [...this.#workflow.children].findLast(([, one]) => one.task === task) ?? [];
    this.#refusedChild = id;
    if (child?.undoes === true) {
      this.#undone(task, error);
      return;
    }
    logError(this.#run, error, { task_id: task, route: child?.route ?? 0 });
    fail(this.#run);
  }

  /** Whether something of the workflow still runs, seen from after this step. */
  #runs(): boolean {
    const gone = (this.#ended === undefined ? 0 : 1) + (this.#refusedChild === undefined ? 0 : 1);
    return this.#workflow.children.size - gone + this.#requests.length > 0;
  }

  /** Undoes what a workflow did that failed, once nothing of it runs any more. */
  #rollBack(): void {
    const run = this.#run;
    if (!isToBeUndone(run) || this.#runs()) return;
    if (run.state.rollback === undefined) {
      const steps = [...this.#workflow.undos, ...(this.#undo === undefined ? [] : [this.#undo])].toReversed();
      if (steps.length > 0) change(run, { do: 'rollback', steps });
    }
    for (let undo = nextUndo(run.state); undo !== undefined && !this.#runs(); undo = nextUndo(run.state)) {
      this.#requestUndo(undo);
    }
  }

  #requestUndo(undo: Undo): void {
    const { child, task, route, item } = undo;
    try {
      const request = renderUndo(this.#run, undo, () => this.#environment.result(child));
      this.#add({ task, route, ...(item !== undefined && { item }), undoes: true }, request, 0);
    } catch (error) {
      this.#undone(task, messageOfFailure(error));
    }
  }

  /** A compensation has ended. One that failed keeps none of the others from being tried. */
  #undone(task: string, error: string | undefined): void {
    change(this.#run, { do: 'undone', ...(error !== undefined && { error }) });
    if (error !== undefined) logError(this.#run, `The compensation failed: ${error}`, { task_id: task });
  }

  #ask(status: Status): void {
    try {
      requestStatus(this.#run, status);
    } catch (error) {
      // What is asked of a workflow that cannot follow any more changes nothing.
      if (!(error instanceof ConductError)) throw error;
    }
  }

  /** Tasks whose items ended while the workflow was paused: the last of them is told again, now that the task can end with it. */
  #endItems(): void {
    const { state } = this.#run;
    if (!isConducting(state.status)) return;
    for (const { id: task, route, items = [] } of [...state.staged.values()]) {
      if (latestEntry(state, task, route)?.status !== 'paused') continue;
      if (!items.every((one) => one === undefined || isCompleted(one))) continue;
      const unsuccessful = items.findIndex((one) => isAbended(one) || one === 'canceled');
      const index = unsuccessful < 0 && items.every(isCompleted) ? items.length - 1 : unsuccessful;
      const status = items[index];
      const child = this.#workflow.items.get(keyOf(task, route))?.[index];
      if (status === undefined || child === undefined) continue;
      const result = () => this.#environment.result(child);
      const item = { index, results: () => this.#itemResults(task, route, index, child) };
      this.#guarded(() => {
        postEvent(this.#run, task, route, { status: 'running', item: { index } });
        postEvent(this.#run, task, route, { status, result, item });
      });
    }
  }

  #suspended(): readonly Id[] {
    const { children, state } = this.#workflow;
    return [...children]
      .filter(([, { task, route }]) => {
        const index = state.latest.get(keyOf(task, route));
        return index !== undefined && state.sequence[index]?.status === 'paused';
      })
      .map(([id]) => id);
  }

  /** An error that is the definition's fails the workflow, as StackStorm's host does it. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      const message = messageOfFailure(error);
      fail(this.#run);
      logError(this.#run, message);
    }
  }

  /** Requests what is next until nothing is: tasks that have nothing to run succeed at once, and lead on. */
  #goOn(): void {
    for (let tasks = nextTasks(this.#run); tasks.length > 0; tasks = nextTasks(this.#run)) {
      for (const task of tasks) this.#guarded(() => this.#begin(task));
      if (this.#atOnce <= MOST_AT_ONCE) continue;
      const message = `The workflow goes round without running anything: ${MOST_AT_ONCE} tasks without an action or items succeeded at once.`;
      logError(this.#run, message);
      fail(this.#run);
      return;
    }
  }

  #begin(task: NextTask): void {
    const { id, route, actions, items } = task;
    if (items === undefined || items.count === 0) {
      postEvent(this.#run, id, route, { status: 'running' });
      const [only] = actions;
      if (items === undefined && only !== undefined && only.action !== null) this.#request(task, only);
      else {
        this.#atOnce += 1;
        postEvent(this.#run, id, route, { status: 'succeeded' });
      }
      return;
    }
    for (const action of actions) {
      const { item = 0 } = action;
      postEvent(this.#run, id, route, { status: 'running', item: { index: item } });
      if (action.action !== null) this.#request(task, action);
      else {
        this.#atOnce += 1;
        postEvent(this.#run, id, route, { status: 'succeeded', item: { index: item } });
      }
    }
  }

  #request({ id: task, route, delay = 0, items }: NextTask, request: ActionRequest): void {
    const { item } = request;
    const waits = item === undefined || item < (items?.concurrency ?? Number.POSITIVE_INFINITY);
    this.#add({ task, route, ...(item !== undefined && { item }) }, request, waits ? delay : 0);
  }

  #add(child: Child, { action, input }: ActionRequest, delay: number): void {
    const { task, route, item } = child;
    const executionId = this.#environment.newId();
    const parameters = toJson(input);
    this.#requests.push({
      task,
      executionId,
      actionRef: str(action),
      parameters: isJsonObject(parameters) ? parameters : {},
      context: {
        orquesta: {
          workflow_execution_id: this.#environment.executionId,
          task_execution_id: executionId,
          task_name: task,
          task_id: task,
          task_route: route,
          ...(item !== undefined && { item_id: item }),
          ...(child.undoes === true && { compensates: true }),
        },
      },
      ...(this.#notify && { notify: this.#tellsOf(child) ? this.#notify.settings : {} }),
      ...(delay > 0 && { delay: delay * 1000 }),
      ...(child.undoes && { compensates: true }),
    });
    this.#requested.push({ execution_id: executionId, ...child });
  }

  /** What is said twice leaves no second trace: a child's end that is known, a wish that was uttered before. */
  #isNews({ type }: WorkflowInput): boolean {
    const told = this.#run.changes.length > 0 || this.#requested.length > 0 || this.#ended !== undefined;
    return told || type === 'start' || type === 'refused';
  }

  #started({ definition }: WorkflowInput & { type: 'start' }): OrquestaEvent {
    return { type: 'started', version: 1, definition, ...(this.#notify && { notify: this.#notify }) };
  }

  /** Whether somebody is told of the child's end. */
  #tellsOf({ task, undoes }: Child): boolean {
    return undoes !== true && this.#notify?.tasks.includes(task) === true;
  }

  /** `references`: into the results that were read on the way. */
  decision(input: WorkflowInput, references: References): Decision {
    const { state } = this.#run;
    renderOutput(this.#run);
    this.#rollBack();
    const isUndoing = isToBeUndone(this.#run) && this.#runs();
    const events: OrquestaEvent[] = [
      ...(input.type === 'start' ? [this.#started(input)] : []),
      {
        type: 'step',
        input: shown(input),
        changes: this.#run.changes.map((change) => encodeChange(change, references)),
        requested: this.#requested,
        ...(this.#ended !== undefined && { ended: this.#ended }),
        ...(this.#refusedChild !== undefined && { refused: this.#refusedChild }),
      },
    ];
    const { status } = state;
    return {
      // Events are JSON.
      events: this.#isNews(input) ? (events as unknown as JsonObject[]) : [],
      requests: this.#requests,
      ...(this.#resumes.length > 0 && { resumes: this.#resumes }),
      ...(status === 'paused' && { pause: { result: resultOf(this.#run) } }),
      ...(this.#before === 'paused' && (isConducting(status) || isUndoing) && { goesOn: true }),
      // What `isCompleted` says.
      ...(isCompleted(status) && !isUndoing && { end: { status: status as FinalStatus, result: resultOf(this.#run) } }),
    };
  }
}

/** The workflow's result: its output, and its errors when it failed. */
function resultOf({ state, language }: Run): Json {
  const results = resultsOf(language);
  const output = [...(state.output ?? [])].map(([name, value]) => [name, toJson(onTime(value, results))]);
  const shown = { output: state.output === undefined ? null : Object.fromEntries(output) };
  if (!isAbended(state.status)) return shown;
  const rollback = rollbackOf(state);
  const errors = state.errors.map((error) => toJson(errorOnTime(error, language)));
  return { ...shown, errors, ...(rollback && { rollback }) };
}

/** An input as the journal shows it: what happened, without what is kept elsewhere. */
function shown(input: WorkflowInput): JsonObject {
  switch (input.type) {
    case 'start':
      return { type: 'start' };
    case 'ended':
    case 'stopped':
      return { type: input.type, task: input.task, execution_id: input.executionId, status: input.status };
    case 'refused':
      return { type: 'refused', task: input.task, error: input.error };
    case 'resumed':
      return { type: 'resumed', task: input.task, execution_id: input.executionId };
    case 'rerun':
      return { type: 'rerun', tasks: input.tasks.map((task) => ({ ...task })) };
    default:
      return { type: input.type };
  }
}

function variablesOf(object: JsonObject): Variables {
  return new Map(Object.entries(object));
}
