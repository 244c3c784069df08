import { createEvaluator } from '../../src/expressions/index.ts';
import {
  type Dict,
  dictEntries,
  isDict,
  loadYaml,
  parseJsonKeepingFloats,
  toJson,
} from '../../src/expressions/python/index.ts';
import { apply } from '../../src/workflows/orquesta/changes.ts';
import { definitionOf } from '../../src/workflows/orquesta/definition.ts';
import { ConductError, messageOfFailure } from '../../src/workflows/orquesta/expressions.ts';
import { graphOf } from '../../src/workflows/orquesta/graph.ts';
import { decodeChange, encodeChange } from '../../src/workflows/orquesta/journal.ts';
import { type NextTask, nextTasks } from '../../src/workflows/orquesta/next-tasks.ts';
import { postEvent } from '../../src/workflows/orquesta/post-event.ts';
import { rerun } from '../../src/workflows/orquesta/rerun.ts';
import { fail, logError, type Run, requestStatus } from '../../src/workflows/orquesta/run.ts';
import { renderOutput, start } from '../../src/workflows/orquesta/start.ts';
import { emptyState, keyOf, latestEntry } from '../../src/workflows/orquesta/state.ts';
import { isCompleted, type Status } from '../../src/workflows/orquesta/statuses.ts';
import { type Kind, same } from './check.ts';
import { inspectionOf, sameInspection } from './inspection.ts';
import { encoded } from './python-values.ts';

interface Outcome {
  readonly status: Status;
  readonly result?: unknown;
}

interface Action {
  readonly task: string;
  readonly route: number;
  readonly item: number | undefined;
}

/** The host that workflows/README.md describes: it runs actions one at a time with scripted outcomes, and writes down what it sees. */
class Host {
  readonly trace: Record<string, unknown>[] = [];
  #run: Run;
  readonly #rebuilds: boolean;
  /** The journal, as text. */
  readonly #journal: string[] = [];
  readonly #given: Dict;
  #queue: Action[] = [];
  #suspended: Action[] = [];
  #controls: Dict[];
  #order: string[];
  #completions = 0;
  readonly #counts = new Map<string, number>();
  readonly #results = new Map<string, unknown[]>();

  /** `rebuilds`: the state is made anew from the journal before every turn. */
  constructor(given: Dict, rebuilds: boolean) {
    this.#given = given;
    this.#rebuilds = rebuilds;
    const evaluator = createEvaluator({ stackstorm: false, now: Date.now, random: Math.random });
    const definition = definitionOf(loadYaml(String(given.get('definition'))));
    const language = { evaluator, reevaluateData: true };
    this.#run = { definition, graph: graphOf(definition), language, state: emptyState(), changes: [] };
    this.#controls = [...((given.get('controls') as Dict[] | undefined) ?? [])];
    this.#order = [...((given.get('order') as string[] | undefined) ?? [])];
  }

  get #status(): Status | null {
    return this.#run.state.status ?? null;
  }

  play(): void {
    const run = this.#run;
    start(run, variablesOf(this.#given.get('inputs')), variablesOf(this.#given.get('context')));
    if (!isCompleted(run.state.status))
      requestStatus(run, (this.#given.get('initial_status') as Status | undefined) ?? 'running');
    this.trace.push({ op: 'start', workflow_status: this.#status });
    for (let turn = 0; turn < 5000; turn += 1) if (!this.#turn()) return;
    throw new Error('The workflow does not come to an end.');
  }

  /** Whether something happened. */
  #turn(): boolean {
    if (this.#rebuilds) this.#rebuild();
    const asked = this.#request();
    const applied = this.#applyDue();
    if (asked || applied) return true;
    if (this.#queue.length > 0) {
      this.#completeOne();
      return true;
    }
    const before = this.#status;
    if (isCompleted(this.#run.state.status)) {
      renderOutput(this.#run);
      if (this.#status !== before) this.trace.push({ op: 'render_output', workflow_status: this.#status });
    }
    const control = this.#controls.shift();
    if (control !== undefined) this.#apply(control);
    return control !== undefined;
  }

  #rebuild(): void {
    for (const change of this.#run.changes) this.#journal.push(JSON.stringify(encodeChange(change)));
    const state = emptyState();
    for (const line of this.#journal) apply(state, decodeChange(JSON.parse(line)));
    this.#run = { ...this.#run, state, changes: [] };
  }

  #request(): boolean {
    const before = this.#status;
    const tasks = nextTasks(this.#run);
    if (tasks.length === 0 && this.#status !== before) this.trace.push({ op: 'status', workflow_status: this.#status });
    const empty: NextTask[] = [];
    for (const task of tasks) {
      const raised = this.#announce(task);
      if (task.items?.count === 0) empty.push(task);
      else if (raised === undefined) {
        for (const { item } of task.actions) this.#queue.push({ task: task.id, route: task.route, item });
      }
      this.trace.push({
        op: 'request',
        task: task.id,
        route: task.route,
        actions: task.actions.map(({ action, input, item }) => ({ action, input: encoded(input), item_id: item })),
        delay: task.delay,
        ...(task.items && { items_count: task.items.count, concurrency: task.items.concurrency ?? null }),
        ...(raised !== undefined && { raised }),
        task_status: this.#taskStatus(task.id, task.route),
        workflow_status: this.#status,
      });
    }
    for (const task of empty)
      this.#complete({ task: task.id, route: task.route, item: undefined }, { status: 'succeeded' }, true);
    return tasks.length > 0;
  }

  #announce(task: NextTask): string | undefined {
    const key = keyOf(task.id, task.route);
    const isAgain = latestEntry(this.#run.state, task.id, task.route);
    if (
      task.items !== undefined &&
      (isAgain === undefined || isCompleted(isAgain.status) || isAgain.status === 'retrying')
    ) {
      const known = this.#results.get(key);
      if (known === undefined || !this.#keeps(key))
        this.#results.set(
          key,
          Array.from({ length: task.items.count }, () => null),
        );
    }
    const events =
      task.items === undefined || task.items.count === 0 ? [undefined] : task.actions.map(({ item }) => item);
    for (const item of events) {
      const raised = this.#post(task.id, task.route, { status: 'running' }, item);
      if (raised !== undefined) return raised;
    }
    return undefined;
  }

  readonly #rerun = new Set<string>();
  #keeps(key: string): boolean {
    return this.#rerun.delete(key);
  }

  #taskStatus(task: string, route: number): Status | null {
    return latestEntry(this.#run.state, task, route)?.status ?? null;
  }

  /** Posts an event; what it raises makes the workflow fail, as StackStorm does. */
  #post(task: string, route: number, outcome: Outcome, item: number | undefined): string | undefined {
    const { status, result } = outcome;
    const results = this.#results.get(keyOf(task, route));
    const ends = isCompleted(status) || status === 'paused' || status === 'pending';
    if (item !== undefined && ends && results !== undefined) results[item] = result ?? null;
    try {
      postEvent(this.#run, task, route, {
        status,
        ...(result !== undefined && { result: () => result }),
        ...(item !== undefined && { item: { index: item, ...(ends && results && { results: () => [...results] }) } }),
      });
      return undefined;
    } catch (error) {
      const message = messageOfFailure(error);
      fail(this.#run);
      logError(this.#run, message);
      return message;
    }
  }

  #completeOne(): void {
    const [label] = this.#order;
    let index = label === undefined ? -1 : this.#queue.findIndex((action) => labelsOf(action).includes(label));
    if (index >= 0) this.#order.shift();
    else index = this.#given.get('pick') === 'lifo' ? this.#queue.length - 1 : 0;
    const [action] = this.#queue.splice(index, 1);
    if (action === undefined) return;
    const outcome = this.#outcome(action);
    if (!isCompleted(outcome.status)) this.#suspended.push(action);
    this.#complete(action, outcome, false);
    this.#completions += 1;
  }

  #outcome({ task, route, item }: Action): Outcome {
    const outcomes = this.#given.get('outcomes') as Dict | undefined;
    const name = outcomes?.has(`${task}@${route}`) === true ? `${task}@${route}` : task;
    const scripted = outcomes?.get(name);
    const byItem = isDict(scripted) ? ((scripted as Dict).get('items') as Dict).get(String(item)) : undefined;
    const list = (isDict(scripted) ? byItem : scripted) as Dict[] | undefined;
    const counter = isDict(scripted) ? `${name}#${item}` : name;
    const count = this.#counts.get(counter) ?? 0;
    this.#counts.set(counter, count + 1);
    return outcomeOf(list?.[count] ?? (this.#given.get('default') as Dict | undefined));
  }

  #complete({ task, route, item }: Action, outcome: Outcome, isEmpty: boolean): void {
    const raised = this.#post(task, route, outcome, item);
    this.trace.push({
      op: 'complete',
      task,
      route,
      item,
      status: outcome.status,
      ...(!isEmpty && outcome.result !== undefined && outcome.result !== null && { result: encoded(outcome.result) }),
      ...(raised !== undefined && { raised }),
      task_status: this.#taskStatus(task, route),
      workflow_status: this.#status,
    });
  }

  #applyDue(): boolean {
    let applied = false;
    for (let [control] = this.#controls; control !== undefined; [control] = this.#controls) {
      const when = control.get('when');
      if (typeof when !== 'number' || when > this.#completions) break;
      this.#controls.shift();
      this.#apply(control);
      applied = true;
    }
    return applied;
  }

  #apply(control: Dict): void {
    const { when: _, ...shown } = toJson(control) as Record<string, unknown>;
    const entry: Record<string, unknown> = { op: 'control', do: shown };
    this.trace.push(entry);
    const event = control.get('event') as Dict | undefined;
    if (event !== undefined) {
      const task = String(event.get('task'));
      const route = (event.get('route') as number | undefined) ?? 0;
      const item = event.get('item') as number | undefined;
      const outcome = outcomeOf(event);
      const isIt = (action: Action) => action.task === task && action.route === route && action.item === item;
      if (outcome.status === 'running') this.#queue.push(...this.#suspended.filter(isIt));
      if (outcome.status === 'running' || isCompleted(outcome.status)) {
        this.#suspended = this.#suspended.filter((action) => !isIt(action));
        if (isCompleted(outcome.status)) this.#queue = this.#queue.filter((action) => !isIt(action));
      }
      const raised = this.#post(task, route, outcome, item);
      if (raised !== undefined) entry.raised = raised;
      entry.task_status = this.#taskStatus(task, route);
    } else {
      try {
        const requests = control.get('rerun') as Dict[] | undefined;
        if (requests === undefined) requestStatus(this.#run, control.get('status') as Status);
        else this.#applyRerun(requests);
      } catch (error) {
        if (!(error instanceof ConductError)) throw error;
        entry.raised = messageOfFailure(error);
      }
    }
    entry.workflow_status = this.#status;
  }

  #applyRerun(requests: readonly Dict[]): void {
    rerun(
      this.#run,
      requests.map((request) => ({
        task: String(request.get('task')),
        route: (request.get('route') as number | undefined) ?? 0,
        resetItems: request.get('reset_items') === true,
      })),
    );
    for (const { id, route } of this.#run.state.staged.values()) this.#rerun.add(keyOf(id, route));
  }

  final(): unknown {
    const { status, output, errors, sequence, routes, staged } = this.#run.state;
    return {
      status,
      output: output === undefined ? null : encoded(Object.fromEntries(output)),
      errors: errors.map((error) => encoded(error)),
      tasks: sequence.map((entry) => ({
        id: entry.id,
        route: entry.route,
        status: entry.status,
        next: Object.fromEntries(entry.next),
        ...(entry.terminal && { term: true }),
        ...(entry.retry && { retries: entry.retry.tally }),
      })),
      routes,
      ...(staged.size > 0 && {
        staged: [...staged.values()].map((one) => ({
          id: one.id,
          route: one.route,
          ready: one.ready,
          ...(one.completed && { completed: true }),
          ...(one.runOnFail && { run_on_fail: true }),
          ...(one.items && { items: one.items.map((own) => own ?? 'null') }),
        })),
      }),
    };
  }
}

function labelsOf({ task, route, item }: Action): string[] {
  const suffixes = item === undefined ? [''] : ['', `#${item}`];
  return suffixes.flatMap((suffix) => [`${task}${suffix}`, `${task}@${route}${suffix}`]);
}

function outcomeOf(entry: Dict | undefined): Outcome {
  if (entry === undefined) return { status: 'succeeded' };
  return { status: entry.get('status') as Status, ...(entry.has('result') && { result: entry.get('result') }) };
}

function variablesOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(isDict(value) ? ([...dictEntries(value)] as [string, unknown][]) : []);
}

/** A definition, scripted outcomes, and what Orquesta did with them. */
export const workflows: Kind = (text) => {
  const file = parseJsonKeepingFloats(text) as Dict; // the file is an object, and so is each case
  return (file.get('cases') as Dict[]).map((given) => ({
    id: String(given.get('name')),
    run() {
      const expected = toJson(given.get('expected')) as { inspection: object; trace: unknown; final: unknown };
      const known = [...variablesOf(given.get('context')).keys()];
      sameInspection(inspectionOf(String(given.get('definition')), known), expected.inspection);
      for (const rebuilds of [false, true]) {
        const host = new Host(given, rebuilds);
        host.play();
        same({ trace: host.trace, final: host.final() }, { trace: expected.trace, final: expected.final });
      }
    },
  }));
};
