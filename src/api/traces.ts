import type { Execution, Id, JsonObject, TriggerInstance } from '../model/index.ts';
import { isJsonObject } from '../model/index.ts';
import type { Store } from '../store/index.ts';
import { idOf, timestamp } from './forms.ts';

/** Events that an execution's end, question or notification makes. */
const MADE_BY_EXECUTIONS = 'core.st2.generic.';
const ACTION_TRIGGER = 'core.st2.generic.actiontrigger';
/** More members than this are not gathered for one trace. */
const MOST = 1000;

/** What a trace begins with. */
export type Root =
  | { readonly kind: 'execution'; readonly execution: Execution }
  | { readonly kind: 'instance'; readonly instance: TriggerInstance };

interface Member {
  readonly object_id: Id;
  readonly ref: string;
  readonly updated_at: string;
  readonly caused_by: { readonly type?: string; readonly id?: string };
}

/**
 * Traces are not kept: who caused what stands in the executions and trigger instances themselves. A trace is what follows from one
 * root, an event from outside or a request of a person, and has its id.
 */
export function createTraces(store: Store) {
  /** The root of whatever it is the id of; undefined: of nothing. */
  const rootOf = async (id: Id): Promise<Root | undefined> => {
    let root: Root | undefined;
    for (let next: Id | undefined = id, steps = 0; next !== undefined && steps < MOST; steps++) {
      const execution = await store.getExecution(next);
      if (execution !== undefined) {
        root = { kind: 'execution', execution };
        next = execution.parentId ?? execution.triggerInstanceId;
        continue;
      }
      const instance = await store.getTriggerInstance(next);
      if (instance === undefined) break;
      root = { kind: 'instance', instance };
      next = causeOf(instance);
    }
    return root;
  };

  const show = async (root: Root): Promise<JsonObject> => {
    const executions: Member[] = [];
    const rules: Member[] = [];
    const instances: Member[] = [];
    const open: Root[] = [root];
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      if (executions.length + instances.length >= MOST) break;
      if (next.kind === 'execution') {
        const { execution } = next;
        executions.push(memberOfExecution(execution));
        for (const child of await below({ parentId: execution.id })) open.push({ kind: 'execution', execution: child });
        const ended = { dedupeKeys: [`${ACTION_TRIGGER}|${execution.id}`] };
        const events = await store.listTriggerInstances(ended, { limit: MOST, offset: 0, uncounted: true });
        for (const instance of events.items) open.push({ kind: 'instance', instance });
      } else {
        const { instance } = next;
        instances.push(memberOfInstance(instance));
        const { items } = await store.listEnforcements(
          { triggerInstanceId: instance.id },
          { limit: MOST, offset: 0, uncounted: true },
        );
        for (const { ruleRef, enforcedAt } of items) {
          const [pack = '', ...name] = ruleRef.split('.');
          rules.push({
            object_id: idOf(`rule:${pack}:${name.join('.')}`),
            ref: ruleRef,
            updated_at: timestamp(enforcedAt),
            caused_by: { type: 'trigger_instance', id: instance.id },
          });
        }
        for (const execution of await below({ triggerInstanceId: instance.id }))
          open.push({ kind: 'execution', execution });
      }
    }
    return {
      id: idOfRoot(root),
      uid: `trace:${idOfRoot(root)}`,
      trace_tag: tagOf(root),
      start_timestamp: timestamp(root.kind === 'execution' ? root.execution.createdAt : root.instance.occurrenceTime),
      action_executions: executions.map((member) => ({ ...member })),
      rules: rules.map((member) => ({ ...member })),
      trigger_instances: instances.map((member) => ({ ...member })),
    };
  };

  const below = async (filter: { parentId: Id } | { triggerInstanceId: Id }): Promise<readonly Execution[]> =>
    (await store.listExecutions({ ...filter, order: 'oldest' }, { limit: MOST, offset: 0, uncounted: true })).items;

  return { rootOf, show };
}

export function idOfRoot(root: Root): Id {
  return root.kind === 'execution' ? root.execution.id : root.instance.id;
}

export function tagOf(root: Root): string {
  if (root.kind === 'instance') return root.instance.traceTag ?? `trigger_instance-${root.instance.id}`;
  const { trace_context: context } = root.execution.context;
  const tag = isJsonObject(context) ? context.trace_tag : undefined;
  return typeof tag === 'string' ? tag : `execution-${root.execution.id}`;
}

/** The execution whose end, question or notification an event tells of. */
function causeOf({ trigger, payload }: TriggerInstance): Id | undefined {
  const { execution_id: id } = payload;
  return trigger.startsWith(MADE_BY_EXECUTIONS) && typeof id === 'string' ? id : undefined;
}

function memberOfExecution({
  id,
  actionRef,
  endedAt,
  createdAt,
  parentId,
  ruleRef,
  triggerInstanceId,
}: Execution): Member {
  const [pack = '', ...name] = (ruleRef ?? '').split('.');
  const rule =
    ruleRef === undefined ? {} : { type: 'rule', id: `${idOf(`rule:${pack}:${name.join('.')}`)}:${triggerInstanceId}` };
  const cause = parentId === undefined ? rule : { type: 'action_execution', id: parentId };
  return { object_id: id, ref: actionRef, updated_at: timestamp(endedAt ?? createdAt), caused_by: cause };
}

function memberOfInstance(instance: TriggerInstance): Member {
  const cause = causeOf(instance);
  return {
    object_id: instance.id,
    ref: instance.trigger,
    updated_at: timestamp(instance.occurrenceTime),
    caused_by: cause === undefined ? {} : { type: 'action_execution', id: cause },
  };
}
