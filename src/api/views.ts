import { createHash } from 'node:crypto';
import { type Key, maskParameters, maskValues } from '../datastore/index.ts';
import type {
  Action,
  ActionAlias,
  Enforcement,
  Execution,
  Json,
  JsonObject,
  PackContent,
  ParameterSchemas,
  Policy,
  Rule,
  TriggerInstance,
  TriggerType,
} from '../model/index.ts';
import type { PolicyType } from '../packs/index.ts';
import type { ApiServices } from './services.ts';

/** StackStorm's time stamps: microseconds always six digits. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}

/** Reference-named things have no row of their own; their id is made of the reference, 24 hex digits as StackStorm's. */
export function idOf(uid: string): string {
  return createHash('sha256').update(uid).digest('hex').slice(0, 24);
}

export function actionView(action: Action): JsonObject {
  const uid = `action:${action.pack}:${action.name}`;
  return {
    id: idOf(uid),
    uid,
    ref: action.ref,
    pack: action.pack,
    name: action.name,
    description: action.description ?? '',
    enabled: action.enabled,
    runner_type: action.runnerType,
    entry_point: action.entryPoint,
    parameters: action.parameters,
    output_schema: action.outputSchema ?? {},
    tags: (action.tags ?? []).map(({ name, value }) => ({ name, value })),
    notify: action.notify ?? {},
    metadata_file: action.metadataFile,
  };
}

export function ruleView(rule: Rule): JsonObject {
  const uid = `rule:${rule.pack}:${rule.name}`;
  return {
    id: idOf(uid),
    uid,
    ref: rule.ref,
    pack: rule.pack,
    name: rule.name,
    description: rule.description ?? '',
    enabled: rule.enabled,
    type: { ref: rule.type, parameters: {} },
    trigger: { type: rule.trigger.type, ref: rule.trigger.type, parameters: rule.trigger.parameters },
    criteria: rule.criteria,
    action: { ref: rule.action.ref, parameters: rule.action.parameters },
    tags: (rule.tags ?? []).map(({ name, value }) => ({ name, value })),
    metadata_file: rule.metadataFile,
  };
}

export function policyView(policy: Policy): JsonObject {
  const uid = `policy:${policy.pack}:${policy.name}`;
  return {
    id: idOf(uid),
    uid,
    ref: policy.ref,
    pack: policy.pack,
    name: policy.name,
    description: policy.description ?? '',
    enabled: policy.enabled,
    resource_ref: policy.resourceRef,
    policy_type: policy.policyType,
    parameters: { ...policy.parameters },
    metadata_file: policy.metadataFile,
  };
}

export function aliasView(alias: ActionAlias): JsonObject {
  const uid = aliasUid(alias);
  return {
    id: idOf(uid),
    uid,
    ref: alias.ref,
    pack: alias.pack,
    name: alias.name,
    description: alias.description ?? '',
    enabled: alias.enabled,
    action_ref: alias.actionRef,
    formats: alias.formats.map((format) => (typeof format === 'string' ? format : { ...format })),
    ack: alias.ack ?? {},
    result: alias.result ?? {},
    extra: alias.extra ?? {},
    immutable_parameters: alias.immutableParameters ?? {},
    metadata_file: alias.metadataFile,
  };
}

export function aliasUid({ pack, name }: Pick<ActionAlias, 'pack' | 'name'>): string {
  return `action_alias:${pack}:${name}`;
}

export function policyTypeView(type: PolicyType): JsonObject {
  const uid = `policy_type:${type.resourceType}:${type.name}`;
  return {
    id: idOf(uid),
    uid,
    ref: type.ref,
    name: type.name,
    resource_type: type.resourceType,
    description: type.description,
    enabled: true,
    parameters: type.parameters,
  };
}

export function triggerTypeView(type: TriggerType): JsonObject {
  const uid = `trigger_type:${type.pack}:${type.name}`;
  return {
    id: idOf(uid),
    uid,
    ref: type.ref,
    pack: type.pack,
    name: type.name,
    description: type.description ?? '',
    payload_schema: type.payloadSchema,
    parameters_schema: type.parametersSchema,
    ...(type.metadataFile !== undefined && { metadata_file: type.metadataFile }),
  };
}

export function triggerInstanceView(instance: TriggerInstance, services: ApiServices): JsonObject {
  return {
    id: instance.id,
    trigger: instance.trigger,
    parameters: instance.parameters,
    occurrence_time: timestamp(instance.occurrenceTime),
    payload: services.masker.maskJson(instance.payload),
    status: instance.status,
  };
}

export function enforcementView(enforcement: Enforcement): JsonObject {
  const { id, ruleRef, triggerInstanceId, executionId, failureReason, enforcedAt, status } = enforcement;
  const [pack = '', ...name] = ruleRef.split('.');
  const uid = `rule:${pack}:${name.join('.')}`;
  return {
    id,
    uid: `rule_enforcement:${id}`,
    rule: { ref: ruleRef, id: idOf(uid), uid },
    trigger_instance_id: triggerInstanceId,
    ...(executionId !== undefined && { execution_id: executionId }),
    ...(failureReason !== undefined && { failure_reason: failureReason }),
    enforced_at: timestamp(enforcedAt),
    status,
  };
}

/** Secrets in parameters and result are masked by name, by seal and by value. */
export function executionView(execution: Execution, result: Json | undefined, services: ApiServices): JsonObject {
  const { registry } = services;
  const action = registry.snapshot().actions.get(execution.actionRef);
  const rule = execution.ruleRef === undefined ? undefined : registry.snapshot().rules.get(execution.ruleRef);
  const schemas: ParameterSchemas = { ...services.runnerParameters(execution.runnerType), ...action?.parameters };
  const [pack = '', ...name] = execution.actionRef.split('.');
  return {
    id: execution.id,
    status: execution.status,
    start_timestamp: timestamp(execution.startedAt ?? execution.createdAt),
    ...(execution.endedAt !== undefined && {
      end_timestamp: timestamp(execution.endedAt),
      elapsed_seconds: (execution.endedAt - (execution.startedAt ?? execution.createdAt)) / 1000,
    }),
    parameters: services.masker.maskJson(maskParameters(execution.parameters, schemas)),
    context: services.masker.maskJson(execution.context),
    ...(result !== undefined && { result: services.masker.maskJson(maskValues(result)) }),
    ...(execution.parentId !== undefined && { parent: execution.parentId }),
    ...(execution.taskName !== undefined && { task_name: execution.taskName }),
    attempt: execution.attempt,
    log: execution.log.map(({ status, timestamp: at }) => ({ status, timestamp: timestamp(at) })),
    action: action
      ? actionView(action)
      : { ref: execution.actionRef, pack, name: name.join('.'), runner_type: execution.runnerType },
    runner: { name: execution.runnerType },
    liveaction: {
      id: execution.id,
      action: execution.actionRef,
      ...(execution.notify !== undefined && { notify: services.masker.maskJson(maskValues(execution.notify)) }),
    },
    ...(execution.triggerInstanceId !== undefined && { trigger_instance: { id: execution.triggerInstanceId } }),
    ...(execution.ruleRef !== undefined && { rule: rule ? ruleView(rule) : { ref: execution.ruleRef } }),
  };
}

export function keyView(key: Key): JsonObject {
  const scope = `st2kv.${key.scope}`;
  const stored = key.scope === 'user' ? `${key.user}:${key.name}` : key.name;
  const uid = `key_value_pair:${scope}:${stored}`;
  return {
    id: idOf(uid),
    uid,
    name: key.name,
    value: key.value,
    scope,
    ...(key.scope === 'user' && { user: key.user }),
    secret: key.secret,
    encrypted: key.encrypted,
    ...(key.description !== undefined && { description: key.description }),
    ...(key.expiresAt !== undefined && { expire_timestamp: timestamp(key.expiresAt) }),
  };
}

/** How much of each kind packs bring, as StackStorm's registration counts it. */
export function registeredCounts(contents: Iterable<PackContent>): JsonObject {
  const counts = { actions: 0, aliases: 0, policies: 0, rules: 0, sensors: 0, triggers: 0, resources: 0 };
  for (const content of contents) {
    counts.actions += content.actions.length;
    counts.aliases += content.aliases.length;
    counts.policies += content.policies.length;
    counts.rules += content.rules.length;
    counts.sensors += content.sensors.length;
    counts.triggers += content.triggerTypes.length;
    counts.resources += content.resources.length;
  }
  return counts;
}
