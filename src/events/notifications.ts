import { maskParameters, maskValues, openValues } from '../datastore/index.ts';
import type { Preparation } from '../executions/index.ts';
import { keyLookups } from '../expressions/index.ts';
import {
  type Execution,
  isJsonObject,
  type Json,
  type JsonObject,
  messageOf,
  type ParameterSchemas,
  type TriggerEvent,
} from '../model/index.ts';
import type { Logger } from '../sdk/index.ts';
import { renderValues, type Variables } from '../workflows/index.ts';

export const NOTIFY_TRIGGER = 'core.st2.generic.notifytrigger';

export interface Ended {
  readonly execution: Execution;
  readonly result: Json;
  readonly schemas: ParameterSchemas;
}

/** The parts of notification settings, when each counts, and the end of its default message. */
const PARTS: readonly { readonly name: string; readonly on: readonly string[] | 'all'; readonly said: string }[] = [
  { name: 'on-complete', on: 'all', said: 'completed' },
  { name: 'on-success', on: ['succeeded'], said: 'succeeded' },
  { name: 'on-failure', on: ['failed', 'timeout', 'abandoned'], said: 'failed' },
];

/**
 * The events that tell who asked for it that an execution has ended (stackstorm-packs.md section 2.4): one for each route. `message`
 * and `data` are templates of the definition or the request; what they read is masked before, what they give once more.
 */
export async function notificationsOf(ended: Ended, preparation: Preparation, log: Logger): Promise<TriggerEvent[]> {
  const { execution } = ended;
  const { cipher, masker } = preparation;
  const settings = openValues(execution.notify ?? {}, cipher, masker);
  const events: TriggerEvent[] = [];
  for (const { name, on, said } of PARTS) {
    const part = settings[name];
    if (!isJsonObject(part) || (on !== 'all' && !on.includes(execution.status))) continue;
    const routes = routesOf(part);
    if (routes.length === 0) continue;
    const text = typeof part.message === 'string' && part.message !== '' ? part.message : undefined;
    const render = (what: string, values: JsonObject) => rendered(what, values, ended, preparation, log);
    const { message } = await render('message', { message: text ?? `Action ${execution.actionRef} ${said}.` });
    const given = isJsonObject(part.data) ? part.data : {};
    // What an alias was given in a chat is no template of anybody's.
    const data = part.literal === true ? given : await render('data', given);
    const result = JSON.stringify(shownResult(ended, preparation));
    const payload = { ...factsOf(execution), message: message ?? '', data: { ...data, result } };
    for (const [index, route] of routes.entries()) {
      events.push({
        trigger: NOTIFY_TRIGGER,
        parameters: {},
        // Keys keep their words, values lose their secrets.
        payload: { ...masked(payload, preparation), route, channel: route },
        dedupeKey: `${NOTIFY_TRIGGER}|${execution.id}|${name}|${index}`,
      });
    }
  }
  return events;
}

/** As StackStorm, what cannot be rendered is sent as it is written: a notification with a mistake beats none. */
async function rendered(
  what: string,
  values: JsonObject,
  ended: Ended,
  preparation: Preparation,
  log: Logger,
): Promise<JsonObject> {
  const { jinja, inputs } = preparation;
  const variables = {
    action_parameters: masked(maskParameters(ended.execution.parameters, ended.schemas), preparation),
    action_results: shownResult(ended, preparation),
    action_context: masked(ended.execution.context, preparation),
    st2kv: { system: keyLookups(inputs.key, { user: '' }).system },
  };
  const templates = { render: (text: string, given: Variables) => jinja.compile(text).render(given) };
  try {
    return await inputs.evaluate(() => renderValues(values, () => variables, templates));
  } catch (error) {
    log.warn(`The ${what} of a notification about ${ended.execution.id} could not be rendered: ${messageOf(error)}`);
    return values;
  }
}

function shownResult({ result }: Ended, preparation: Preparation): Json {
  return preparation.masker.maskJson(maskValues(result));
}

function masked(value: JsonObject, { masker }: Preparation): JsonObject {
  return masker.maskJson(value) as JsonObject; // an object stays one
}

function factsOf(execution: Execution): JsonObject {
  const { id, status, createdAt, startedAt, endedAt, actionRef, runnerType } = execution;
  return {
    execution_id: id,
    status,
    start_timestamp: isoTime(startedAt ?? createdAt),
    end_timestamp: isoTime(endedAt ?? createdAt),
    action_ref: actionRef,
    runner_ref: runnerType,
  };
}

/** `channels` is what routes were called before. */
function routesOf({ routes, channels }: JsonObject): readonly string[] {
  const named = Array.isArray(routes) && routes.length > 0 ? routes : channels;
  return Array.isArray(named) ? named.filter((route) => typeof route === 'string') : [];
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000+00:00');
}
