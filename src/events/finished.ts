import { type Masker, maskParameters, maskValues } from '../datastore/index.ts';
import type { Execution, Json, JsonObject, ParameterSchemas, TriggerEvent } from '../model/index.ts';
import type { Registry } from '../packs/index.ts';
import type { Events } from './events.ts';

/** StackStorm's event at the end of every execution (stackstorm-packs.md section 8.1), so that rules can follow rules. */
const ACTION_TRIGGER = 'core.st2.generic.actiontrigger';

/** Answers what has to be written with the end of an execution; nothing when no rule listens. */
export function createFinishedEvent(
  events: Events,
  services: {
    readonly masker: Masker;
    readonly registry: Registry;
    runnerParameters(runnerType: string): ParameterSchemas | undefined;
  },
): (
  execution: Execution,
  outcome: { readonly result: Json },
) => Promise<Awaited<ReturnType<Events['plan']>> | undefined> {
  return async (execution, { result }) => {
    if (!events.isBound(ACTION_TRIGGER)) return undefined;
    const action = services.registry.snapshot().actions.get(execution.actionRef);
    const schemas = { ...services.runnerParameters(execution.runnerType), ...action?.parameters };
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
      parameters: services.masker.maskJson(maskParameters(execution.parameters, schemas)),
      result: services.masker.maskJson(maskValues(result)),
    };
    const event: TriggerEvent = {
      trigger: ACTION_TRIGGER,
      parameters: {},
      payload,
      dedupeKey: `${ACTION_TRIGGER}|${execution.id}`,
    };
    return await events.plan([event]);
  };
}
