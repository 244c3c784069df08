import type { JsonObject, TriggerType } from '../model/index.ts';
import { triggerType } from './trigger-file.ts';

const TEXT = { type: 'string' } as const;
const WHOLE = { type: 'integer' } as const;
const MAPPING = { type: 'object' } as const;
const CRON_FIELD = { anyOf: [{ type: 'string' }, { type: 'integer' }] } as const;

const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });

const closed = (properties: JsonObject): JsonObject => ({ ...object(properties), additionalProperties: false });

const TIMER_PAYLOAD = object({ executed_at: TEXT, schedule: { type: 'object' }, missed: WHOLE });

/** Petrel's own: what was due while Petrel was down is made up for, once. */
const CATCH_UP = { type: 'boolean' } as const;

const core = (name: string, description: string, payloadSchema: JsonObject, parametersSchema: JsonObject = {}) =>
  triggerType('core', name, { description, payloadSchema, parametersSchema });

/**
 * The trigger types that Petrel itself dispatches (stackstorm-packs.md, section 8.1). They belong to pack `core` and are in code
 * rather than in its folder, because the code that dispatches them relies on them: a rule on a timer works whatever packs are installed.
 */
export const BUILTIN_TRIGGER_TYPES: readonly TriggerType[] = [
  core(
    'st2.webhook',
    'A request to /api/v1/webhooks/<url>.',
    object({ headers: MAPPING, headers_lower: MAPPING, body: { anyOf: [{ type: 'array' }, { type: 'object' }] } }),
    closed({
      url: { ...TEXT, required: true },
      // Petrel's own, see src/sensors/signatures.ts.
      signature: { ...TEXT, enum: ['github', 'gitlab', 'slack', 'stripe', 'standard', 'hmac'] },
      signature_key: TEXT,
      signature_header: TEXT,
      signature_tolerance: { type: 'number' },
    }),
  ),
  core(
    'st2.IntervalTimer',
    'Fires again and again, with the same time between.',
    TIMER_PAYLOAD,
    closed({
      timezone: TEXT,
      unit: { ...TEXT, enum: ['weeks', 'days', 'hours', 'minutes', 'seconds'], required: true },
      delta: { ...WHOLE, required: true },
      catch_up: CATCH_UP,
    }),
  ),
  core(
    'st2.DateTimer',
    'Fires once, at a date.',
    TIMER_PAYLOAD,
    closed({ timezone: TEXT, date: { ...TEXT, required: true }, catch_up: CATCH_UP }),
  ),
  core(
    'st2.CronTimer',
    'Fires whenever the clock matches.',
    TIMER_PAYLOAD,
    closed({
      timezone: TEXT,
      year: CRON_FIELD,
      month: CRON_FIELD,
      day: CRON_FIELD,
      week: CRON_FIELD,
      day_of_week: CRON_FIELD,
      hour: CRON_FIELD,
      minute: CRON_FIELD,
      second: CRON_FIELD,
      catch_up: CATCH_UP,
    }),
  ),
  core(
    'st2.generic.actiontrigger',
    'An execution has ended.',
    object({
      execution_id: {},
      status: {},
      start_timestamp: {},
      action_name: {},
      action_ref: {},
      runner_ref: {},
      parameters: {},
      result: {},
    }),
  ),
  core(
    'st2.generic.notifytrigger',
    'An execution has ended whose action asks for a notification.',
    object({
      execution_id: {},
      status: {},
      start_timestamp: {},
      end_timestamp: {},
      action_ref: {},
      runner_ref: {},
      route: {},
      channel: {},
      message: {},
      data: {},
    }),
  ),
  core(
    'st2.generic.inquiry',
    'An inquiry waits for its answer.',
    closed({ id: { ...TEXT, required: true }, route: { ...TEXT, required: true } }),
  ),
  core(
    'st2.announcement',
    'An action has announced something; Petrel only.',
    object({ route: TEXT, payload: MAPPING, trace_context: MAPPING }),
  ),
  core(
    'st2.action.file_written',
    'A file of an action was written.',
    object({ ref: {}, file_path: {}, host_info: {} }),
  ),
  core(
    'st2.sensor.process_spawn',
    'A sensor process has started.',
    object({ id: {}, timestamp: {}, pid: {}, cmd: {} }),
  ),
  core('st2.sensor.process_exit', 'A sensor process has ended.', object({ id: {}, timestamp: {}, exit_code: {} })),
  triggerType('petrel', 'audit', {
    description: 'Somebody changed something, or tried to.',
    payloadSchema: object({
      id: TEXT,
      at: TEXT,
      user: TEXT,
      method: TEXT,
      address: TEXT,
      request_id: TEXT,
      action: TEXT,
      target: TEXT,
      permission: TEXT,
      outcome: TEXT,
      status: WHOLE,
    }),
    parametersSchema: {},
  }),
  core('st2.key_value_pair.create', 'A key was added to the datastore.', object({ object: MAPPING })),
  core('st2.key_value_pair.update', 'A key of the datastore was set again.', object({ object: MAPPING })),
  core(
    'st2.key_value_pair.value_change',
    "A key's value has changed.",
    object({ old_object: MAPPING, new_object: MAPPING }),
  ),
  core('st2.key_value_pair.delete', 'A key was deleted from the datastore.', object({ object: MAPPING })),
];
