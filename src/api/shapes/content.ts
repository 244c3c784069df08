import { z } from 'zod';
import { contentName, id, json, jsonObject, named, object, packName, parameters, tags, timestamp } from './common.ts';

const inPack = { ...named, pack: z.string(), name: z.string(), description: z.string() };

export const action = z
  .strictObject({
    ...inPack,
    enabled: z.boolean(),
    runner_type: z.string(),
    entry_point: z.string(),
    parameters,
    output_schema: object,
    tags,
    notify: object,
    metadata_file: z.string().optional(),
  })
  .meta({ id: 'Action' });

export const runnerType = z
  .strictObject({
    id,
    uid: z.string(),
    name: z.string(),
    description: z.string(),
    enabled: z.boolean(),
    runner_package: z.string(),
    runner_module: z.string(),
    query_module: z.string().optional(),
    output_key: z.string().optional(),
    output_schema: object,
    runner_parameters: parameters,
  })
  .meta({ id: 'RunnerType' });

export const rule = z
  .strictObject({
    ...inPack,
    enabled: z.boolean(),
    type: z.strictObject({ ref: z.string(), parameters: object }),
    trigger: z.strictObject({ type: z.string(), ref: z.string(), description: z.string(), parameters: object }),
    criteria: object,
    action: z.strictObject({ ref: z.string(), parameters: object, description: z.string().optional() }),
    context: object.optional(),
    tags,
    metadata_file: z.string().optional(),
  })
  .meta({ id: 'Rule' });

export const ruleType = z
  .strictObject({ id, ref: z.string(), name: z.string(), description: z.string(), enabled: z.boolean(), parameters })
  .meta({ id: 'RuleType' });

export const triggerType = z
  .strictObject({
    ...inPack,
    payload_schema: object,
    parameters_schema: object,
    tags,
    metadata_file: z.string().optional(),
  })
  .meta({ id: 'TriggerType' });

export const trigger = z.strictObject({ ...inPack, type: z.string(), parameters: object }).meta({ id: 'Trigger' });

export const sensorType = z
  .strictObject({
    ...inPack,
    class_name: z.string(),
    artifact_uri: z.string(),
    entry_point: z.string(),
    poll_interval: z.number().optional(),
    trigger_types: z.array(z.string()),
    enabled: z.boolean(),
    metadata_file: z.string(),
    state: z
      .strictObject({
        status: z.string(),
        pid: z.number().optional(),
        since: timestamp.optional(),
        next_start: timestamp.optional(),
        restarts: z.number().optional(),
        last_error: z.string().optional(),
      })
      .meta({ description: "Petrel's own." }),
  })
  .meta({ id: 'SensorType' });

export const alias = z
  .strictObject({
    ...inPack,
    enabled: z.boolean(),
    action_ref: z.string(),
    formats: z.array(z.union([z.string(), object])),
    ack: object,
    result: object,
    extra: object,
    immutable_parameters: object,
    metadata_file: z.string().optional(),
  })
  .meta({ id: 'ActionAlias' });

export const policy = z
  .strictObject({
    ...inPack,
    enabled: z.boolean(),
    resource_ref: z.string(),
    policy_type: z.string(),
    parameters: object,
    metadata_file: z.string().optional(),
  })
  .meta({ id: 'Policy' });

export const policyType = z
  .strictObject({
    ...named,
    name: z.string(),
    resource_type: z.string(),
    description: z.string(),
    enabled: z.boolean(),
    module: z.string(),
    parameters,
  })
  .meta({ id: 'PolicyType' });

export const problem = z.strictObject({
  severity: z.enum(['error', 'warning']),
  pack: z.string(),
  file: z.string(),
  line: z.number(),
  column: z.number(),
  message: z.string(),
});

export const pack = z
  .strictObject({
    ...named,
    name: z.string(),
    description: z.string(),
    version: z.string(),
    author: z.string(),
    email: z.string().optional(),
    keywords: z.array(z.string()),
    contributors: z.array(z.string()).optional(),
    dependencies: z.array(z.string()).optional(),
    path: z.string(),
    files: z.array(z.string()).optional(),
    problems: z.array(problem),
  })
  .meta({ id: 'Pack' });

export const packFile = z.strictObject({ file_path: z.string(), content: z.string() }).meta({ id: 'PackFile' });
export const config = z.strictObject({ id, pack: z.string(), values: object }).meta({ id: 'Config' });
export const configSchema = z
  .strictObject({ id, pack: z.string(), attributes: parameters })
  .meta({ id: 'ConfigSchema' });

/**
 * What is created and replaced through the API. Only what names the thing is checked here; the rest is read as a pack's file
 * would be, with the same complaints. What an answer shows may be sent back.
 */
const written = { name: contentName, pack: packName.nullish(), description: z.string().nullish() };

export const actionBody = z
  .looseObject({
    ...written,
    runner_type: z.string(),
    entry_point: z.string().nullish(),
    enabled: z.boolean().nullish(),
    parameters: z.record(z.string(), z.json()).nullish(),
    data_files: z.array(z.strictObject({ file_path: z.string(), content: z.string() })).nullish(),
  })
  .meta({ id: 'ActionBody' });

export const ruleBody = z
  .looseObject({
    ...written,
    trigger: z.looseObject({ type: z.string(), parameters: z.record(z.string(), z.json()).nullish() }),
    action: z.looseObject({ ref: z.string(), parameters: z.record(z.string(), z.json()).nullish() }),
    criteria: z.record(z.string(), z.json()).nullish(),
    enabled: z.boolean().nullish(),
  })
  .meta({ id: 'RuleBody' });

export const triggerTypeBody = z
  .looseObject({
    ...written,
    payload_schema: z.record(z.string(), z.json()).nullish(),
    parameters_schema: z.record(z.string(), z.json()).nullish(),
  })
  .meta({ id: 'TriggerTypeBody' });

export const policyBody = z
  .looseObject({
    ...written,
    resource_ref: z.string(),
    policy_type: z.string(),
    parameters: z.record(z.string(), z.json()).nullish(),
    enabled: z.boolean().nullish(),
  })
  .meta({ id: 'PolicyBody' });

export const aliasBody = z
  .looseObject({
    ...written,
    action_ref: z.string(),
    formats: z.array(z.union([z.string(), jsonObject])),
    enabled: z.boolean().nullish(),
  })
  .meta({ id: 'ActionAliasBody' });

export const triggerInstance = z
  .strictObject({
    id,
    trigger: z.string(),
    parameters: object,
    occurrence_time: timestamp,
    payload: json,
    status: z.string(),
    trace_tag: z.string().optional(),
  })
  .meta({ id: 'TriggerInstance' });
