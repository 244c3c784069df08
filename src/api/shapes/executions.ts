import { z } from 'zod';
import { EXECUTION_STATUSES } from '../../model/index.ts';
import { id, json, jsonObject, object, timestamp } from './common.ts';
import { action, rule, runnerType, trigger, triggerInstance, triggerType } from './content.ts';

const status = z.enum(EXECUTION_STATUSES);

/** What was true of something that is not registered any more. */
const formerAction = z.strictObject({ ref: z.string(), pack: z.string(), name: z.string(), runner_type: z.string() });
const former = z.strictObject({ ref: z.string() });

/** As StackStorm: what is empty (null, 0, "", [], {}, false) is left out. */
export const execution = z
  .strictObject({
    id,
    uid: z.string(),
    status,
    start_timestamp: timestamp,
    end_timestamp: timestamp.optional(),
    elapsed_seconds: z.number().optional(),
    parameters: object.optional(),
    context: object.optional(),
    result: json.optional(),
    result_size: z.number().optional(),
    parent: id.optional(),
    children: z.array(id).optional(),
    log: z.array(z.strictObject({ timestamp, status })),
    delay: z.number().optional(),
    web_url: z.string().optional(),
    action: z.union([action, formerAction]),
    runner: z.union([runnerType, z.strictObject({ name: z.string() })]),
    liveaction: z.strictObject({
      id,
      action: z.string(),
      action_is_workflow: z.boolean(),
      parameters: object,
      callback: object,
      runner_info: z.strictObject({ hostname: z.string().optional() }),
      notify: object.optional(),
    }),
    trigger: trigger.optional(),
    trigger_type: z.union([triggerType, former]).optional(),
    trigger_instance: z.union([triggerInstance, z.strictObject({ id })]).optional(),
    rule: z.union([rule, former]).optional(),
    task_name: z.string().optional().meta({ description: "Petrel's: the task of a workflow that it runs." }),
    attempt: z.number().meta({ description: "Petrel's: how often it was begun." }),
  })
  .meta({ id: 'Execution' });

const notification = z.strictObject({
  message: z.string().nullish(),
  data: jsonObject.nullish(),
  routes: z.array(z.string()).nullish(),
  channels: z.array(z.string()).nullish(),
});

export const executionRequest = z
  .strictObject({
    action: z.string(),
    parameters: jsonObject.nullish(),
    user: z.string().nullish(),
    delay: z.number().int().min(0).nullish().meta({ description: 'Milliseconds.' }),
    context: jsonObject.nullish(),
    action_is_workflow: z.boolean().nullish().meta({ description: 'As clients send it; Petrel knows by itself.' }),
    callback: jsonObject
      .nullish()
      .meta({ description: 'Taken; as StackStorm since Mistral, Petrel calls nobody back.' }),
    notify: z
      .strictObject({
        'on-complete': notification.optional(),
        'on-success': notification.optional(),
        'on-failure': notification.optional(),
      })
      .nullish(),
  })
  .meta({ id: 'ExecutionRequest' });

export const rerunRequest = z
  .object({
    parameters: jsonObject.nullish(),
    tasks: z.array(z.string()).nullish(),
    reset: z.array(z.string()).nullish(),
    user: z.string().nullish(),
    delay: z.number().int().min(0).nullish(),
  })
  .meta({ id: 'RerunRequest' });

export const ruleEnforcement = z
  .strictObject({
    id,
    uid: z.string(),
    rule: z.strictObject({ ref: z.string(), id, uid: z.string() }),
    trigger_instance_id: id,
    execution_id: id.optional(),
    failure_reason: z.string().optional(),
    enforced_at: timestamp,
    status: z.enum(['succeeded', 'failed']),
  })
  .meta({ id: 'RuleEnforcement' });

export const ruleEnforcementView = z
  .strictObject({
    ...ruleEnforcement.shape,
    execution: z.union([execution, z.strictObject({})]),
    trigger_instance: z.union([triggerInstance, z.strictObject({})]),
  })
  .meta({ id: 'RuleEnforcementView' });
