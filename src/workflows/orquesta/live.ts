import type { Id, JsonObject } from '../../model/index.ts';
import { apply } from './changes.ts';
import type { Definition } from './definition.ts';
import { definitionOf } from './definition.ts';
import { decode, decodeChange } from './journal.ts';
import { emptyState, keyOf, latestEntry, type State, type Undo } from './state.ts';

/** Where a child belongs. */
export interface Child {
  readonly task: string;
  readonly route: number;
  readonly item?: number;
  /** It undoes what the task did. */
  readonly undoes?: true;
}

/** Who is told of the ends of these tasks; of the others nobody is, whatever their actions' metadata says, as StackStorm. */
export interface Notification {
  readonly tasks: readonly string[];
  readonly settings: JsonObject;
}

/** What an Orquesta workflow writes to its journal. `version` numbers the behaviour a run was started with. */
export type OrquestaEvent =
  | {
      readonly type: 'started';
      readonly version: 1;
      readonly definition: JsonObject;
      /** Absent in journals of releases that did not ask for it: then each action's own metadata says who is told. */
      readonly notify?: Notification;
    }
  /** What came in; what it changed; the children that were requested then; the child that ended, or was never created. */
  | {
      readonly type: 'step';
      readonly input: JsonObject;
      readonly changes: readonly JsonObject[];
      readonly requested: readonly ({ readonly execution_id: Id } & Child)[];
      readonly ended?: Id;
      readonly refused?: Id;
    };

/** A workflow as the conductor keeps it. Folding changes it in place. */
export interface LiveWorkflow {
  definition: Definition | undefined;
  notify: Notification | undefined;
  readonly state: State;
  /** Children that have not ended. */
  readonly children: Map<Id, Child>;
  /** The latest child of each task without items, by task and route. */
  readonly latest: Map<string, Id>;
  /** The ended children of each itemised task's items, by task and route. */
  readonly items: Map<string, (Id | undefined)[]>;
  /** Children that were never created. */
  readonly refused: Set<Id>;
  /** What succeeded and can be undone, in the order it ended. */
  readonly undos: Undo[];
}

export function newWorkflow(): LiveWorkflow {
  return {
    definition: undefined,
    notify: undefined,
    state: emptyState(),
    children: new Map(),
    latest: new Map(),
    items: new Map(),
    refused: new Set(),
    undos: [],
  };
}

export function fold(workflow: LiveWorkflow, event: OrquestaEvent): LiveWorkflow {
  if (event.type === 'started') {
    workflow.definition = definitionOf(decode(event.definition));
    workflow.notify = event.notify;
    return workflow;
  }
  const { ended, refused } = event;
  // Before the task is entered anew.
  const undo = ended !== undefined && event.input.status === 'succeeded' ? undoOf(workflow, ended) : undefined;
  if (undo !== undefined) workflow.undos.push(undo);
  for (const change of event.changes) apply(workflow.state, decodeChange(change));
  if (ended !== undefined) endChild(workflow, ended);
  if (refused !== undefined) {
    workflow.children.delete(refused);
    workflow.refused.add(refused);
  }
  for (const { execution_id: id, ...child } of event.requested) addChild(workflow, id, child);
  return workflow;
}

/** How a child that runs can be undone once it has succeeded; undefined when it cannot. */
export function undoOf({ definition, state, children }: LiveWorkflow, id: Id): Undo | undefined {
  const child = children.get(id);
  if (child === undefined || child.undoes === true || definition?.tasks.get(child.task)?.compensate === undefined)
    return undefined;
  const { task, route, item } = child;
  const context = latestEntry(state, task, route)?.context ?? 0;
  return { child: id, task, route, ...(item !== undefined && { item }), context };
}

function addChild(workflow: LiveWorkflow, id: Id, child: Child): void {
  const key = keyOf(child.task, child.route);
  workflow.children.set(id, child);
  if (child.undoes === true) return;
  workflow.latest.set(key, id);
  if (child.item === undefined) return;
  const items = workflow.items.get(key) ?? [];
  items[child.item] = undefined;
  workflow.items.set(key, items);
}

function endChild(workflow: LiveWorkflow, id: Id): void {
  const child = workflow.children.get(id);
  workflow.children.delete(id);
  if (child?.item === undefined || child.undoes === true) return;
  const items = workflow.items.get(keyOf(child.task, child.route));
  if (items !== undefined) items[child.item] = id;
}
