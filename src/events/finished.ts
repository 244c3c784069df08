import { type Masker, maskParameters, maskValues } from '../datastore/index.ts';
import type { ExecutionLog, Preparation } from '../executions/index.ts';
import {
  type Execution,
  type Json,
  type JsonObject,
  type ParameterSchemas,
  type TriggerEvent,
  traceContextOf,
} from '../model/index.ts';
import type { Events } from './events.ts';
import { type Ended, NOTIFY_TRIGGER, notificationsOf } from './notifications.ts';

/** StackStorm's event at the end of every execution (stackstorm-packs.md section 8.1), so that rules can follow rules. */
const ACTION_TRIGGER = 'core.st2.generic.actiontrigger';

/** Answers what has to be written with the end of an execution; nothing when no rule listens. */
export function createFinishedEvent(
  events: Events,
  services: {
    readonly log: ExecutionLog;
    prepare(): Preparation;
    runnerParameters(runnerType: string): ParameterSchemas | undefined;
  },
): (
  execution: Execution,
  outcome: { readonly result: Json },
) => Promise<Awaited<ReturnType<Events['plan']>> | undefined> {
  return async (execution, { result }) => {
    const isTold = execution.notify !== undefined && events.isBound(NOTIFY_TRIGGER);
    const isFollowed = events.isBound(ACTION_TRIGGER);
    if (!isTold && !isFollowed) return undefined;
    const preparation = services.prepare();
    const action = preparation.registry.actions.get(execution.actionRef);
    const schemas = { ...services.runnerParameters(execution.runnerType), ...action?.parameters };
    const ended: Ended = { execution, result, schemas };
    const told = isTold ? await notificationsOf(ended, preparation, services.log.about(execution)) : [];
    const all = isFollowed ? [actionEvent(ended, preparation.masker), ...told] : told;
    if (all.length === 0) return undefined;
    const traced = { traceContext: traceContextOf(execution), causedBy: execution.id };
    return await events.plan(all.map((event) => ({ ...event, ...traced })));
  };
}

function actionEvent({ execution, result, schemas }: Ended, masker: Masker): TriggerEvent {
  const payload: JsonObject = {
    execution_id: execution.id,
    status: execution.status,
    start_timestamp: new Date(execution.startedAt ?? execution.createdAt)
      .toISOString()
      .replace('T', ' ')
      .replace('Z', '000+00:00'),
    action_name: execution.actionRef,
    action_ref: execution.actionRef,
    runner_ref: execution.runnerType,
    parameters: masker.maskJson(maskParameters(execution.parameters, schemas)),
    result: masker.maskJson(maskValues(result)),
  };
  return { trigger: ACTION_TRIGGER, parameters: {}, payload, dedupeKey: `${ACTION_TRIGGER}|${execution.id}` };
}
