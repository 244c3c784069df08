import type { Key } from '../datastore/index.ts';
import type {
  Action,
  ActionAlias,
  Enforcement,
  Json,
  JsonObject,
  PackContent,
  Policy,
  Rule,
  TriggerInstance,
  TriggerType,
} from '../model/index.ts';
import type { PolicyType } from '../packs/index.ts';
import { triggerOf } from '../sensors/index.ts';
import { idOf, timestamp } from './forms.ts';
import type { ApiServices } from './services.ts';

export { idOf, timestamp };

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
    ...metadataFile(action),
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
    trigger: {
      type: rule.trigger.type,
      ref: triggerOf(rule.trigger).ref,
      description: '',
      parameters: rule.trigger.parameters,
    },
    criteria: rule.criteria,
    action: { ref: rule.action.ref, parameters: rule.action.parameters },
    ...(rule.context !== undefined && { context: rule.context }),
    tags: (rule.tags ?? []).map(({ name, value }) => ({ name, value })),
    ...metadataFile(rule),
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
    ...metadataFile(policy),
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
    formats: alias.formats.map(formatView),
    ack: alias.ack ?? {},
    result: alias.result ?? {},
    extra: alias.extra ?? {},
    immutable_parameters: alias.immutableParameters ?? {},
    ...(alias.metadataFile !== '' && { metadata_file: alias.metadataFile }),
  };
}

/** Bots read a list of texts, where a file may have one. */
function formatView(format: ActionAlias['formats'][number]): Json {
  if (typeof format === 'string') return format;
  const { representation, ...rest } = format;
  return { ...rest, ...(representation !== undefined && { representation: [representation].flat() }) };
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
    module: `petrel.policies.${type.name.replaceAll('.', '_')}`,
    parameters: type.parameters,
  };
}

/** What was made through the API has no file. */
function metadataFile({ metadataFile: file }: { readonly metadataFile?: string }): { metadata_file?: string } {
  return file === undefined || file === '' ? {} : { metadata_file: file };
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
    tags: [],
    ...metadataFile(type),
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
    ...(instance.traceTag !== undefined && { trace_tag: services.masker.mask(instance.traceTag) }),
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
