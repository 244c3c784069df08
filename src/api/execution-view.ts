import { maskParameters, maskValues } from '../datastore/index.ts';
import type { Execution, Id, Json, JsonObject, OutputLine, ParameterSchemas, TriggerInstance } from '../model/index.ts';
import { triggerOf } from '../sensors/index.ts';
import type { Attributes } from './attributes.ts';
import { otherId, timestamp } from './forms.ts';
import { runnerTypeView } from './runner-view.ts';
import type { ApiServices } from './services.ts';
import { actionView, ruleView, triggerInstanceView, triggerTypeView } from './views.ts';

/** What belongs to an execution and lies elsewhere. */
interface Belongings {
  readonly result: Json | undefined;
  readonly instance: TriggerInstance | undefined;
  readonly children: readonly Id[] | undefined;
}

interface ViewOptions {
  /** Absent: all. What is not wanted is not fetched. */
  readonly attributes?: Attributes;
  /** Bytes; larger results are left out, and their size is told. */
  readonly maxResultSize?: number;
  /** Parameters and result in clear text, as `revealsSecrets` says. Default false. */
  readonly reveal?: boolean;
}

/** Shows executions, with what belongs to them fetched for all of them at once. */
export async function executionViews(
  executions: readonly Execution[],
  services: ApiServices,
  { attributes, maxResultSize, reveal = false }: ViewOptions = {},
): Promise<JsonObject[]> {
  const { store, runnerTypes } = services;
  const wants = (name: string) => attributes === undefined || attributes.wants(name);
  const ids = executions.map(({ id }) => id);
  const startedBy = executions.flatMap(({ triggerInstanceId }) =>
    triggerInstanceId === undefined ? [] : [triggerInstanceId],
  );
  const workflows = executions.filter(({ runnerType }) => runnerTypes.get(runnerType)?.isWorkflow === true);
  const [results, instances, children] = await Promise.all([
    wants('result') || wants('result_size') ? store.getResults(ids) : undefined,
    wants('trigger_instance') || wants('trigger') ? store.getTriggerInstances([...new Set(startedBy)]) : undefined,
    wants('children') ? store.listChildIds(workflows.map(({ id }) => id)) : undefined,
  ]);
  const memo = createMemo(services);
  return executions.map((execution) => {
    const { id, triggerInstanceId } = execution;
    const belongings: Belongings = {
      result: results?.get(id),
      instance: triggerInstanceId === undefined ? undefined : instances?.get(triggerInstanceId),
      children: children?.get(id),
    };
    const view = executionView(execution, belongings, services, memo, { maxResultSize, reveal });
    return attributes === undefined ? view : attributes.choose(view);
  });
}

/** One execution as it is shown. */
export async function showExecution(
  execution: Execution,
  services: ApiServices,
  options?: ViewOptions,
): Promise<JsonObject> {
  const [view = {}] = await executionViews([execution], services, options);
  return view;
}

/** The views of content that many executions of one answer share. */
function createMemo(services: ApiServices) {
  const { registry, runnerTypes } = services;
  const snapshot = registry.snapshot();
  const views = new Map<string, JsonObject>();
  const once = (key: string, make: () => JsonObject): JsonObject => {
    const known = views.get(key);
    if (known !== undefined) return known;
    const view = make();
    views.set(key, view);
    return view;
  };
  const schemas = new Map<string, ParameterSchemas>();
  return {
    schemas({ actionRef, runnerType }: Execution): ParameterSchemas {
      const key = `${runnerType} ${actionRef}`;
      const known = schemas.get(key);
      if (known !== undefined) return known;
      const merged = { ...services.runnerParameters(runnerType), ...snapshot.actions.get(actionRef)?.parameters };
      schemas.set(key, merged);
      return merged;
    },
    action: ({ actionRef, runnerType }: Execution) =>
      once(`action ${actionRef}`, () => {
        const action = snapshot.actions.get(actionRef);
        if (action !== undefined) return actionView(action);
        const [pack = '', ...name] = actionRef.split('.');
        return { ref: actionRef, pack, name: name.join('.'), runner_type: runnerType };
      }),
    runner: (name: string) =>
      once(`runner ${name}`, () => {
        const type = runnerTypes.get(name);
        return type === undefined ? { name } : runnerTypeView(type, !snapshot.disabledRunners.has(name));
      }),
    rule: (ref: string) =>
      once(`rule ${ref}`, () => {
        const rule = snapshot.rules.get(ref);
        return rule === undefined ? { ref } : ruleView(rule);
      }),
    triggerType: (ref: string) =>
      once(`type ${ref}`, () => {
        const type = snapshot.triggerTypes.get(ref);
        return type === undefined ? { ref } : triggerTypeView(type);
      }),
  };
}
type Memo = ReturnType<typeof createMemo>;

/**
 * Secrets in parameters and result are masked by name, by seal and by value, unless they are to be revealed. As StackStorm, what is empty
 * is left out: it is undefined, so that all views have one shape, which a page of a hundred makes and writes in half the time.
 */
function executionView(
  execution: Execution,
  { result, instance, children }: Belongings,
  services: ApiServices,
  memo: Memo,
  {
    maxResultSize = Number.POSITIVE_INFINITY,
    reveal,
  }: { readonly maxResultSize?: number | undefined; readonly reveal: boolean },
): JsonObject {
  const { masker, executions } = services;
  const { id, createdAt, endedAt, ruleRef, triggerInstanceId } = execution;
  const started = execution.startedAt ?? createdAt;
  const show = (value: Json) => (reveal ? executions.openResult(value) : masker.maskJson(maskValues(value)));
  const shown = result === undefined ? undefined : show(result);
  const size = shown === undefined ? 0 : Buffer.byteLength(JSON.stringify(shown));
  const parameters = reveal
    ? executions.openParameters(execution)
    : masker.maskJson(maskParameters(execution.parameters, memo.schemas(execution)));
  return {
    id,
    uid: `execution:${id}`,
    status: execution.status,
    start_timestamp: timestamp(started),
    end_timestamp: endedAt === undefined ? undefined : timestamp(endedAt),
    elapsed_seconds: endedAt === undefined ? undefined : unlessEmpty((endedAt - started) / 1000),
    parameters: unlessEmpty(parameters),
    context: unlessEmpty(masker.maskJson(maskValues(execution.context))),
    result: size <= maxResultSize ? unlessEmpty(shown) : undefined,
    result_size: unlessEmpty(size),
    parent: execution.parentId,
    children: unlessEmpty(children),
    delay: unlessEmpty(delayOf(execution)),
    web_url: webUrlOf(id, services),
    task_name: unlessEmpty(execution.taskName),
    runner: memo.runner(execution.runnerType),
    action: memo.action(execution),
    trigger_instance:
      instance === undefined ? triggerInstanceId && { id: triggerInstanceId } : triggerInstanceView(instance, services),
    trigger: instance && masker.maskJson(triggerOf({ type: instance.trigger, parameters: instance.parameters })),
    trigger_type: instance && memo.triggerType(instance.trigger),
    rule: ruleRef === undefined ? undefined : memo.rule(ruleRef),
    log: execution.log.map((entry) => ({ status: entry.status, timestamp: timestamp(entry.timestamp) })),
    attempt: execution.attempt,
    liveaction: { id: otherId(id), ...callOf(execution, parameters, services) },
  };
}

/** The live action of an execution, which the event stream shows beside it. */
export function liveactionView(execution: Execution, view: JsonObject, services: ApiServices): JsonObject {
  const parameters = view.parameters ?? {};
  return {
    start_timestamp: view.start_timestamp,
    end_timestamp: view.end_timestamp,
    result: view.result,
    context: view.context,
    delay: view.delay,
    id: otherId(execution.id),
    status: execution.status,
    ...callOf(execution, parameters as JsonObject, services), // as `executionView` made it
  };
}

export function outputView(line: OutputLine, execution: Pick<Execution, 'actionRef' | 'runnerType'>): JsonObject {
  const { executionId, sequence } = line;
  return {
    // The number of the line within the execution, in place of an id's random part.
    id: `${executionId.slice(0, 12)}${sequence.toString(16).padStart(12, '0')}`,
    execution_id: executionId,
    action_ref: execution.actionRef,
    runner_ref: execution.runnerType,
    timestamp: timestamp(line.timestamp),
    output_type: line.stream,
    data: line.data,
  };
}

function callOf(execution: Execution, parameters: JsonObject, services: ApiServices): JsonObject {
  const { masker, runnerTypes } = services;
  return {
    action: execution.actionRef,
    action_is_workflow: runnerTypes.get(execution.runnerType)?.isWorkflow === true,
    parameters,
    callback: {},
    runner_info: execution.leaseOwner === undefined ? {} : { hostname: execution.leaseOwner },
    ...(execution.notify !== undefined && { notify: masker.maskJson(maskValues(execution.notify)) }),
  };
}

/** Where StackStorm's web interface shows it; undefined when nobody has said at which address browsers find us. */
function webUrlOf(id: Id, { http: { publicUrl } }: ApiServices): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/#/history/${id}/general`;
}

/** Milliseconds. Only of one that still waits; the time is not kept longer. */
function delayOf({ notBefore, createdAt }: Execution): number {
  return notBefore === undefined ? 0 : Math.max(0, notBefore - createdAt);
}

/** As StackStorm: what is false in Python is left out. */
function unlessEmpty(value: Json | undefined): Json | undefined {
  return isEmpty(value) ? undefined : value;
}

function isEmpty(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === 0 || value === '' || value === false;
}
