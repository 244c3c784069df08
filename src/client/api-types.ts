// Made from the OpenAPI document by `npm run docs:api`; not to be edited.
import type { Json, JsonObject } from '../model/index.ts';

export type Action = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly runner_type: string;
  readonly entry_point: string;
  readonly parameters: { readonly [name: string]: JsonObject };
  readonly output_schema: JsonObject;
  readonly tags: readonly ({ readonly name: string; readonly value: string; })[];
  readonly notify: JsonObject;
  readonly metadata_file?: string;
};

export type ActionAlias = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly action_ref: string;
  readonly formats: readonly (string | JsonObject)[];
  readonly ack: JsonObject;
  readonly result: JsonObject;
  readonly extra: JsonObject;
  readonly immutable_parameters: JsonObject;
  readonly metadata_file?: string;
};

export type ActionAliasBody = {
  readonly name: string;
  readonly pack?: string | null;
  readonly description?: string | null;
  readonly action_ref: string;
  readonly formats: readonly (string | JsonObject)[];
  readonly enabled?: boolean | null;
} & JsonObject;

export type ActionBody = {
  readonly name: string;
  readonly pack?: string | null;
  readonly description?: string | null;
  readonly runner_type: string;
  readonly entry_point?: string | null;
  readonly enabled?: boolean | null;
  readonly parameters?: JsonObject | null;
  readonly data_files?: readonly ({ readonly file_path: string; readonly content: string; })[] | null;
} & JsonObject;

export type ApiKey = {
  readonly id: string;
  readonly uid: string;
  readonly user: string;
  readonly key_hash: string;
  readonly metadata: JsonObject;
  readonly created_at: string;
  readonly enabled: boolean;
};

export type AuditRecord = {
  readonly timestamp: string;
  readonly request_id: string;
  readonly user: string;
  readonly outcome: 'done' | 'denied' | 'failed';
} & JsonObject;

export type Config = {
  readonly id: string;
  readonly pack: string;
  readonly values: JsonObject;
};

export type ConfigSchema = {
  readonly id: string;
  readonly pack: string;
  readonly attributes: { readonly [name: string]: JsonObject };
};

export type DeclaredResource = {
  readonly ref: string;
  readonly pack: string;
  readonly kind: string;
  readonly api_version: string;
  readonly description: string;
  /** False: no pack declares it any more */
  readonly declared: boolean;
  readonly objects: { readonly [name: string]: number };
  readonly orphans: number;
  readonly watch: string;
  readonly problem?: string;
};

export type Execution = {
  readonly id: string;
  readonly uid: string;
  readonly status: 'requested' | 'scheduled' | 'delayed' | 'running' | 'pausing' | 'paused' | 'resuming' | 'pending' | 'succeeded' | 'failed' | 'timeout' | 'abandoned' | 'canceling' | 'canceled';
  readonly start_timestamp: string;
  readonly end_timestamp?: string;
  readonly elapsed_seconds?: number;
  readonly parameters?: JsonObject;
  readonly context?: JsonObject;
  readonly result?: Json;
  readonly result_size?: number;
  readonly parent?: string;
  readonly children?: readonly (string)[];
  readonly log: readonly ({ readonly timestamp: string; readonly status: 'requested' | 'scheduled' | 'delayed' | 'running' | 'pausing' | 'paused' | 'resuming' | 'pending' | 'succeeded' | 'failed' | 'timeout' | 'abandoned' | 'canceling' | 'canceled'; })[];
  readonly delay?: number;
  readonly web_url?: string;
  readonly action: Action | { readonly ref: string; readonly pack: string; readonly name: string; readonly runner_type: string; };
  readonly runner: RunnerType | { readonly name: string; };
  readonly liveaction: { readonly id: string; readonly action: string; readonly action_is_workflow: boolean; readonly parameters: JsonObject; readonly callback: JsonObject; readonly runner_info: { readonly hostname?: string; }; readonly notify?: JsonObject; };
  readonly trigger?: Trigger;
  readonly trigger_type?: TriggerType | { readonly ref: string; };
  readonly trigger_instance?: TriggerInstance | { readonly id: string; };
  readonly rule?: Rule | { readonly ref: string; };
  /** Petrel's: the task of a workflow that it runs. */
  readonly task_name?: string;
  /** Petrel's: how often it was begun. */
  readonly attempt: number;
};

export type ExecutionRequest = {
  readonly action: string;
  readonly parameters?: JsonObject | null;
  readonly user?: string | null;
  /** Milliseconds. */
  readonly delay?: number | null;
  readonly context?: JsonObject | null;
  /** As clients send it; Petrel knows by itself. */
  readonly action_is_workflow?: boolean | null;
  /** Taken; as StackStorm since Mistral, Petrel calls nobody back. */
  readonly callback?: JsonObject | null;
  readonly notify?: { readonly 'on-complete'?: { readonly message?: string | null; readonly data?: JsonObject | null; readonly routes?: readonly (string)[] | null; readonly channels?: readonly (string)[] | null; }; readonly 'on-success'?: { readonly message?: string | null; readonly data?: JsonObject | null; readonly routes?: readonly (string)[] | null; readonly channels?: readonly (string)[] | null; }; readonly 'on-failure'?: { readonly message?: string | null; readonly data?: JsonObject | null; readonly routes?: readonly (string)[] | null; readonly channels?: readonly (string)[] | null; }; } | null;
};

/** What went wrong. A 409 names what is in the way as `conflict-id`. */
export type Fault = {
  readonly faultstring: string;
} & JsonObject;

export type Inquiry = {
  readonly id: string;
  readonly route: string;
  readonly ttl: number;
  readonly users: readonly (Json)[];
  readonly roles: readonly (Json)[];
  readonly schema: JsonObject;
};

export type Key = {
  readonly id: string;
  readonly uid: string;
  readonly name: string;
  readonly value: string;
  readonly scope: 'st2kv.system' | 'st2kv.user';
  readonly user?: string;
  readonly secret: boolean;
  readonly encrypted: boolean;
  readonly description?: string;
  readonly expire_timestamp?: string;
};

export type KeyBody = {
  readonly name?: string | null;
  readonly value: string;
  readonly scope?: string | null;
  readonly user?: string | null;
  /** Seconds. */
  readonly ttl?: number | null;
  readonly secret?: boolean | null;
  /** The value is a secret's ciphertext already. */
  readonly encrypted?: boolean | null;
  readonly description?: string | null;
} & JsonObject;

export type Pack = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly author: string;
  readonly email?: string;
  readonly keywords: readonly (string)[];
  readonly contributors?: readonly (string)[];
  readonly dependencies?: readonly (string)[];
  readonly path: string;
  readonly files?: readonly (string)[];
  readonly problems: readonly ({ readonly severity: 'error' | 'warning'; readonly pack: string; readonly file: string; readonly line: number; readonly column: number; readonly message: string; })[];
};

export type PackFile = {
  readonly file_path: string;
  readonly content: string;
};

export type Policy = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly resource_ref: string;
  readonly policy_type: string;
  readonly parameters: JsonObject;
  readonly metadata_file?: string;
};

export type PolicyBody = {
  readonly name: string;
  readonly pack?: string | null;
  readonly description?: string | null;
  readonly resource_ref: string;
  readonly policy_type: string;
  readonly parameters?: JsonObject | null;
  readonly enabled?: boolean | null;
} & JsonObject;

export type PolicyType = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly name: string;
  readonly resource_type: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly module: string;
  readonly parameters: { readonly [name: string]: JsonObject };
};

export type RerunRequest = {
  readonly parameters?: JsonObject | null;
  readonly tasks?: readonly (string)[] | null;
  readonly reset?: readonly (string)[] | null;
  readonly user?: string | null;
  readonly delay?: number | null;
};

export type ResourceObject = {
  readonly uid: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** What is wished */
  readonly generation: number;
  /** The generation that was brought about last */
  readonly applied: number;
  /** How it stands, compared with the outside world */
  readonly state: 'missing' | 'changed' | 'drifted' | 'orphaned' | 'unchanged' | 'deleting' | 'waiting' | 'blocked';
  readonly reason: string;
  readonly message: string;
  readonly execution: string | null;
};

export type ResourcePlan = {
  readonly uid: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** What is wished */
  readonly generation?: number;
  /** The generation that was brought about last */
  readonly applied?: number;
  /** How it stands, compared with the outside world */
  readonly state: 'missing' | 'changed' | 'drifted' | 'orphaned' | 'unchanged' | 'deleting' | 'waiting' | 'blocked';
  readonly reason: string;
  readonly message: string;
  readonly execution?: string | null;
  /** What would be done next */
  readonly step: string;
};

export type Role = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly system: boolean;
  readonly permission_grants: readonly ({ readonly permission_types: readonly (string)[]; readonly resource_uid?: string; readonly namespaces?: readonly (string)[]; })[];
};

export type RoleAssignment = {
  readonly id: string;
  readonly user: string;
  readonly role: string;
  /** `local`, or where else it comes from: a file, the identity provider. */
  readonly source: string;
  readonly is_remote: boolean;
  readonly description: string;
};

export type Rule = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly type: { readonly ref: string; readonly parameters: JsonObject; };
  readonly trigger: { readonly type: string; readonly ref: string; readonly description: string; readonly parameters: JsonObject; };
  readonly criteria: JsonObject;
  readonly action: { readonly ref: string; readonly parameters: JsonObject; readonly description?: string; };
  readonly context?: JsonObject;
  readonly tags: readonly ({ readonly name: string; readonly value: string; })[];
  readonly metadata_file?: string;
};

export type RuleBody = {
  readonly name: string;
  readonly pack?: string | null;
  readonly description?: string | null;
  readonly trigger: { readonly type: string; readonly parameters?: JsonObject | null; } & JsonObject;
  readonly action: { readonly ref: string; readonly parameters?: JsonObject | null; } & JsonObject;
  readonly criteria?: JsonObject | null;
  readonly enabled?: boolean | null;
} & JsonObject;

export type RuleEnforcement = {
  readonly id: string;
  readonly uid: string;
  readonly rule: { readonly ref: string; readonly id: string; readonly uid: string; };
  readonly trigger_instance_id: string;
  readonly execution_id?: string;
  readonly failure_reason?: string;
  readonly enforced_at: string;
  readonly status: 'succeeded' | 'failed';
};

export type RuleEnforcementView = {
  readonly id: string;
  readonly uid: string;
  readonly rule: { readonly ref: string; readonly id: string; readonly uid: string; };
  readonly trigger_instance_id: string;
  readonly execution_id?: string;
  readonly failure_reason?: string;
  readonly enforced_at: string;
  readonly status: 'succeeded' | 'failed';
  readonly execution: Execution | { readonly [name: string]: never };
  readonly trigger_instance: TriggerInstance | { readonly [name: string]: never };
};

export type RuleType = {
  readonly id: string;
  readonly ref: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly parameters: { readonly [name: string]: JsonObject };
};

export type RunnerType = {
  readonly id: string;
  readonly uid: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly runner_package: string;
  readonly runner_module: string;
  readonly query_module?: string;
  readonly output_key?: string;
  readonly output_schema: JsonObject;
  readonly runner_parameters: { readonly [name: string]: JsonObject };
};

export type SensorType = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description: string;
  readonly class_name: string;
  readonly artifact_uri: string;
  readonly entry_point: string;
  readonly poll_interval?: number;
  readonly trigger_types: readonly (string)[];
  readonly enabled: boolean;
  readonly metadata_file: string;
  /** Petrel's own. */
  readonly state: { readonly status: string; readonly pid?: number; readonly since?: string; readonly next_start?: string; readonly restarts?: number; readonly last_error?: string; };
};

export type Token = {
  readonly id: string;
  readonly user: string;
  readonly token: string;
  readonly expiry: string;
  readonly metadata: JsonObject;
  readonly service: boolean;
};

export type Trace = {
  readonly id: string;
  readonly uid: string;
  readonly trace_tag: string;
  readonly start_timestamp: string;
  readonly action_executions: readonly ({ readonly object_id: string; readonly ref: string; readonly updated_at: string; readonly caused_by: { readonly type?: string; readonly id?: string; }; })[];
  readonly rules: readonly ({ readonly object_id: string; readonly ref: string; readonly updated_at: string; readonly caused_by: { readonly type?: string; readonly id?: string; }; })[];
  readonly trigger_instances: readonly ({ readonly object_id: string; readonly ref: string; readonly updated_at: string; readonly caused_by: { readonly type?: string; readonly id?: string; }; })[];
};

export type Trigger = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly parameters: JsonObject;
};

export type TriggerInstance = {
  readonly id: string;
  readonly trigger: string;
  readonly parameters: JsonObject;
  readonly occurrence_time: string;
  readonly payload: Json;
  readonly status: string;
  readonly trace_tag?: string;
};

export type TriggerType = {
  readonly id: string;
  readonly uid: string;
  readonly ref: string;
  readonly pack: string;
  readonly name: string;
  readonly description: string;
  readonly payload_schema: JsonObject;
  readonly parameters_schema: JsonObject;
  readonly tags: readonly ({ readonly name: string; readonly value: string; })[];
  readonly metadata_file?: string;
};

export type TriggerTypeBody = {
  readonly name: string;
  readonly pack?: string | null;
  readonly description?: string | null;
  readonly payload_schema?: JsonObject | null;
  readonly parameters_schema?: JsonObject | null;
} & JsonObject;

export type User = {
  readonly id: string;
  readonly name: string;
  readonly origin: 'local' | 'oidc';
  readonly created_at: string;
};

export type WhoAmI = {
  readonly username: string;
  readonly authentication: { readonly method: 'API key' | 'authentication token'; readonly location: 'cookie' | 'header'; readonly token_expire?: string; readonly csrf_token?: string; };
  readonly rbac: { readonly enabled: boolean; readonly roles: readonly (string)[]; readonly is_admin: boolean; };
};

/** What can be asked for: names of path and query, body, and answer. */
export interface Operations {
  /** Lists executions, newest first. */
  'GET /executions': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'id' | 'action' | 'status' | 'liveaction' | 'parent' | 'rule' | 'runner' | 'timestamp' | 'timestamp_gt' | 'timestamp_lt' | 'trigger' | 'trigger_type' | 'trigger_instance' | 'user' | 'filter' | 'sort' | 'sort_asc' | 'sort_desc' | 'show_secrets' | 'max_result_size'; body: undefined; answer: readonly (Execution)[] };
  /** Requests an execution. */
  'POST /executions': { path: never; query: 'show_secrets'; body: ExecutionRequest; answer: Execution };
  /** Shows an execution; "last" is the newest. */
  'GET /executions/{id}': { path: 'id'; query: 'include_attributes' | 'exclude_attributes' | 'show_secrets' | 'max_result_size' | 'wait'; body: undefined; answer: Execution };
  /** Cancels, pauses or resumes an execution, or ends an action with a result. */
  'PUT /executions/{id}': { path: 'id'; query: 'show_secrets'; body: { readonly status: string; readonly result?: Json; } & JsonObject; answer: Execution };
  /** Cancels an execution. */
  'DELETE /executions/{id}': { path: 'id'; query: 'show_secrets'; body: undefined; answer: Execution | { readonly faultstring: string; } };
  /** Requests the same again, or lets a workflow go on from its tasks. */
  'POST /executions/{id}/re_run': { path: 'id'; query: 'no_merge' | 'show_secrets'; body: RerunRequest | undefined; answer: Execution };
  /** Lists what an execution has started, its own children first. */
  'GET /executions/{id}/children': { path: 'id'; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'depth' | 'result_fmt' | 'show_secrets'; body: undefined; answer: readonly (Execution)[] };
  /** Petrel's: a workflow's journal, a line for each event. */
  'GET /executions/{id}/history': { path: 'id'; query: never; body: undefined; answer: readonly ({ readonly sequence: number; readonly timestamp: string; readonly event: string; })[] };
  /** Shows one attribute of an execution: result, status, trigger_instance. */
  'GET /executions/{id}/attribute/{name}': { path: 'id' | 'name'; query: never; body: undefined; answer: Json };
  /** The result alone. */
  'GET /executions/{id}/result': { path: 'id'; query: 'download' | 'compress' | 'pretty_format'; body: undefined; answer: Json };
  /** What an execution has printed so far. */
  'GET /executions/{id}/output': { path: 'id'; query: 'output_type' | 'output_format' | 'existing_only'; body: undefined; answer: string };
  /** The values that executions can be filtered by. */
  'GET /executions/views/filters': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'types'; body: undefined; answer: { readonly [name: string]: readonly (string)[] } };
  /** Lists the inquiries that wait; the filters are those of executions. */
  'GET /inquiries': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'id' | 'action' | 'status' | 'liveaction' | 'parent' | 'rule' | 'runner' | 'timestamp' | 'timestamp_gt' | 'timestamp_lt' | 'trigger' | 'trigger_type' | 'trigger_instance' | 'user' | 'filter' | 'sort' | 'sort_asc' | 'sort_desc' | 'show_secrets' | 'max_result_size'; body: undefined; answer: readonly (Inquiry)[] };
  /** Shows an inquiry that waits. */
  'GET /inquiries/{id}': { path: 'id'; query: never; body: undefined; answer: Inquiry };
  /** Answers an inquiry. */
  'PUT /inquiries/{id}': { path: 'id'; query: never; body: { readonly id?: string | null; readonly response: JsonObject; } & JsonObject; answer: { readonly id: string; readonly response: JsonObject; } };
  /** Lists actions. */
  'GET /actions': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'tags'; body: undefined; answer: readonly (Action)[] };
  /** Creates an action. */
  'POST /actions': { path: never; query: never; body: ActionBody; answer: Action };
  /** Lists actions with the parameters of their runners. */
  'GET /actions/views/overview': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'tags'; body: undefined; answer: readonly (Action)[] };
  /** Shows an action with the parameters of its runner. */
  'GET /actions/views/overview/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: Action };
  /** An action's parameters with those of its runner. */
  'GET /actions/views/parameters/{ref}': { path: 'ref'; query: never; body: undefined; answer: { readonly parameters: { readonly [name: string]: JsonObject }; } };
  /** The text of an action's file. */
  'GET /actions/views/entry_point/{ref}': { path: 'ref'; query: never; body: undefined; answer: string };
  /** Shows an action. */
  'GET /actions/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: Action };
  /** Replaces an action; one that a pack's file defines can only be switched on and off. */
  'PUT /actions/{ref}': { path: 'ref'; query: never; body: ActionBody; answer: Action };
  /** Deletes an action. */
  'DELETE /actions/{ref}': { path: 'ref'; query: never; body: undefined; answer: undefined };
  /** Makes an action of another name that does the same. */
  'POST /actions/{ref}/clone': { path: 'ref'; query: never; body: { readonly dest_pack: string; readonly dest_action: string; readonly overwrite?: boolean | null; } & JsonObject; answer: Action };
  /** Lists runner types. */
  'GET /runnertypes': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack'; body: undefined; answer: readonly (RunnerType)[] };
  /** Shows a runner type, by name or id. */
  'GET /runnertypes/{name}': { path: 'name'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: RunnerType };
  /** Switches a runner type on or off; nothing else of it changes. */
  'PUT /runnertypes/{name}': { path: 'name'; query: never; body: { readonly enabled: boolean; } & JsonObject; answer: RunnerType };
  /** What is wrong with a workflow's definition, sent as text/plain; an empty list: nothing. */
  'POST /workflows/inspect': { path: never; query: never; body: string | JsonObject | string; answer: readonly ({ readonly type: string; readonly message: string; readonly schema_path?: string | null; readonly spec_path?: string | null; readonly expression?: string; readonly language?: string; readonly line: number; readonly column: number; })[] };
  /** Lists rules. */
  'GET /rules': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'action' | 'trigger' | 'enabled' | 'user'; body: undefined; answer: readonly (Rule)[] };
  /** Creates a rule. */
  'POST /rules': { path: never; query: never; body: RuleBody; answer: Rule };
  /** Lists rules with the descriptions of their triggers and actions. */
  'GET /rules/views': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'action' | 'trigger' | 'enabled' | 'user'; body: undefined; answer: readonly (Rule)[] };
  /** Shows a rule with the descriptions of its trigger and action. */
  'GET /rules/views/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: Rule };
  /** Shows a rule. */
  'GET /rules/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: Rule };
  /** Replaces a rule; one that a pack's file defines can only be switched on and off. */
  'PUT /rules/{ref}': { path: 'ref'; query: never; body: RuleBody; answer: Rule };
  /** Deletes a rule. */
  'DELETE /rules/{ref}': { path: 'ref'; query: never; body: undefined; answer: undefined };
  /** Lists the types of rules. */
  'GET /ruletypes': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack'; body: undefined; answer: readonly (RuleType)[] };
  /** Shows a type of rules. */
  'GET /ruletypes/{id}': { path: 'id'; query: never; body: undefined; answer: RuleType };
  /** Lists rule enforcements, newest first. */
  'GET /ruleenforcements': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'id' | 'rule_ref' | 'rule_id' | 'execution' | 'trigger_instance' | 'enforced_at_gt' | 'enforced_at_lt' | 'sort'; body: undefined; answer: readonly (RuleEnforcement)[] };
  /** Lists rule enforcements with their trigger instances and executions. */
  'GET /ruleenforcements/views': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'id' | 'rule_ref' | 'rule_id' | 'execution' | 'trigger_instance' | 'enforced_at_gt' | 'enforced_at_lt' | 'sort'; body: undefined; answer: readonly (RuleEnforcementView)[] };
  /** Shows a rule enforcement with its trigger instance and execution. */
  'GET /ruleenforcements/views/{id}': { path: 'id'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: RuleEnforcementView };
  /** Shows a rule enforcement. */
  'GET /ruleenforcements/{id}': { path: 'id'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: RuleEnforcement };
  /** Lists trigger types. */
  'GET /triggertypes': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack'; body: undefined; answer: readonly (TriggerType)[] };
  /** Creates a trigger type. */
  'POST /triggertypes': { path: never; query: never; body: TriggerTypeBody; answer: TriggerType };
  /** Shows a trigger type. */
  'GET /triggertypes/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: TriggerType };
  /** Replaces a trigger type; one that a pack's file defines can only be switched on and off. */
  'PUT /triggertypes/{ref}': { path: 'ref'; query: never; body: TriggerTypeBody; answer: TriggerType };
  /** Deletes a trigger type. */
  'DELETE /triggertypes/{ref}': { path: 'ref'; query: never; body: undefined; answer: undefined };
  /** Lists trigger instances, newest first. */
  'GET /triggerinstances': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'id' | 'trigger' | 'trigger_type' | 'timestamp_gt' | 'timestamp_lt' | 'status' | 'sort'; body: undefined; answer: readonly (TriggerInstance)[] };
  /** Shows a trigger instance. */
  'GET /triggerinstances/{id}': { path: 'id'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: TriggerInstance };
  /** Dispatches the payload once more. */
  'POST /triggerinstances/{id}/re_emit': { path: 'id'; query: never; body: Json | undefined; answer: { readonly message: string; readonly payload: JsonObject; } };
  /** Lists triggers: trigger types with their parameters. */
  'GET /triggers': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'type' | 'timer_type'; body: undefined; answer: readonly (Trigger)[] };
  /** Shows one of the triggers, by reference or id. */
  'GET /triggers/{ref}': { path: 'ref'; query: never; body: undefined; answer: Trigger };
  /** Lists timers. */
  'GET /timers': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'type' | 'timer_type'; body: undefined; answer: readonly (Trigger)[] };
  /** Shows one of the timers, by reference or id. */
  'GET /timers/{ref}': { path: 'ref'; query: never; body: undefined; answer: Trigger };
  /** Lists webhooks that answer now. */
  'GET /webhooks': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack'; body: undefined; answer: readonly (Trigger)[] };
  /** Shows a webhook, by its url. */
  'GET /webhooks/{path}': { path: 'path'; query: never; body: undefined; answer: Trigger };
  /** Calls the webhooks that rules are bound to; a signature may stand for the credential. */
  'POST /webhooks/{path}': { path: 'path'; query: never; body: Json; answer: Json };
  /** Lists sensors and how they stand. */
  'GET /sensortypes': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'enabled' | 'trigger'; body: undefined; answer: readonly (SensorType)[] };
  /** Shows a sensor, by reference or id. */
  'GET /sensortypes/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: SensorType };
  /** Switches a sensor on or off; of what is sent, only "enabled" is looked at, as in StackStorm. */
  'PUT /sensortypes/{ref}': { path: 'ref'; query: never; body: { readonly enabled: boolean; } & JsonObject; answer: SensorType };
  /** Lists packs. */
  'GET /packs': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'ref'; body: undefined; answer: readonly (Pack)[] };
  /** Shows a pack, by reference or id. */
  'GET /packs/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: Pack };
  /** What is known of packs that are here; Petrel asks no index on the net. */
  'GET /packs/index': { path: never; query: never; body: undefined; answer: { readonly status: readonly (Json)[]; readonly index: readonly ({ readonly name: string; readonly ref: string; readonly description: string; readonly version: string; readonly author: string; readonly email: string; readonly keywords: readonly (string)[]; })[]; } };
  /** How the indexes do. */
  'GET /packs/index/health': { path: never; query: never; body: undefined; answer: { readonly indexes: { readonly count: number; readonly valid: number; readonly invalid: number; readonly errors: { readonly [name: string]: number }; readonly status: readonly (Json)[]; }; readonly packs: { readonly count: number; }; } };
  /** Packs of the index: all in which the query stands, or the one of a name. */
  'POST /packs/index/search': { path: never; query: never; body: { readonly query: string; } & JsonObject | { readonly pack: string; } & JsonObject; answer: readonly ({ readonly name: string; readonly ref: string; readonly description: string; readonly version: string; readonly author: string; readonly email: string; readonly keywords: readonly (string)[]; })[] | { readonly name: string; readonly ref: string; readonly description: string; readonly version: string; readonly author: string; readonly email: string; readonly keywords: readonly (string)[]; } | { readonly [name: string]: never } };
  /** The text files of a pack with what is in them. */
  'GET /packs/views/files/{ref}': { path: 'ref'; query: never; body: undefined; answer: readonly (PackFile)[] };
  /** One file of a pack. */
  'GET /packs/views/file/{ref}/{path}': { path: 'ref' | 'path'; query: never; body: undefined; answer: string };
  /** Runs packs.install. */
  'POST /packs/install': { path: never; query: never; body: { readonly packs: readonly (string)[]; readonly force?: boolean | null; readonly skip_dependencies?: boolean | null; } & JsonObject; answer: { readonly execution_id: string; } };
  /** Runs packs.uninstall. */
  'POST /packs/uninstall': { path: never; query: never; body: { readonly packs: readonly (string)[]; } & JsonObject; answer: { readonly execution_id: string; } };
  /** Reads all packs again; answers how much of each kind those that are named have, or all. */
  'POST /packs/register': { path: never; query: never; body: { readonly packs?: readonly (string)[] | null; readonly types?: readonly (string)[] | null; } & JsonObject | undefined; answer: { readonly [name: string]: number } };
  /** Lists the configurations of packs that one may configure. */
  'GET /configs': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'show_secrets'; body: undefined; answer: readonly (Config)[] };
  /** Shows a pack's configuration. */
  'GET /configs/{pack}': { path: 'pack'; query: 'show_secrets'; body: undefined; answer: Config };
  /** Replaces a pack's configuration; from now on its file has no effect. */
  'PUT /configs/{pack}': { path: 'pack'; query: 'show_secrets'; body: JsonObject; answer: Config };
  /** Lists what packs can be configured with. */
  'GET /config_schemas': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset'; body: undefined; answer: readonly (ConfigSchema)[] };
  /** Shows what a pack can be configured with. */
  'GET /config_schemas/{pack}': { path: 'pack'; query: never; body: undefined; answer: ConfigSchema };
  /** Lists policies. */
  'GET /policies': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'resource_ref' | 'policy_type'; body: undefined; answer: readonly (Policy)[] };
  /** Creates a policy. */
  'POST /policies': { path: never; query: never; body: PolicyBody; answer: Policy };
  /** Shows a policy. */
  'GET /policies/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: Policy };
  /** Replaces a policy; one that a pack's file defines can only be switched on and off. */
  'PUT /policies/{ref}': { path: 'ref'; query: never; body: PolicyBody; answer: Policy };
  /** Deletes a policy. */
  'DELETE /policies/{ref}': { path: 'ref'; query: never; body: undefined; answer: undefined };
  /** Lists the types of policies. */
  'GET /policytypes': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack' | 'resource_type'; body: undefined; answer: readonly (PolicyType)[] };
  /** Shows a type of policies. */
  'GET /policytypes/{ref}': { path: 'ref'; query: never; body: undefined; answer: PolicyType };
  /** Lists action aliases. */
  'GET /actionalias': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'id' | 'name' | 'pack'; body: undefined; answer: readonly (ActionAlias)[] };
  /** Creates an action alias. */
  'POST /actionalias': { path: never; query: never; body: ActionAliasBody; answer: ActionAlias };
  /** What can be said in a chat. */
  'GET /actionalias/help': { path: never; query: 'filter' | 'pack' | 'limit' | 'offset'; body: undefined; answer: { readonly available: number; readonly helpstrings: readonly ({ readonly pack: string; readonly display: string; readonly description: string; })[]; } };
  /** The one alias that a command fits. */
  'POST /actionalias/match': { path: never; query: never; body: { readonly command: string; readonly user?: string | null; readonly source_channel?: string | null; readonly source_context?: Json | null; readonly notification_channel?: string | null; readonly notification_route?: string | null; }; answer: { readonly actionalias: ActionAlias; readonly display: string | null; readonly representation: string; } };
  /** Shows an action alias. */
  'GET /actionalias/{ref}': { path: 'ref'; query: 'include_attributes' | 'exclude_attributes'; body: undefined; answer: ActionAlias };
  /** Replaces an action alias; one that a pack's file defines can only be switched on and off. */
  'PUT /actionalias/{ref}': { path: 'ref'; query: never; body: ActionAliasBody; answer: ActionAlias };
  /** Deletes an action alias. */
  'DELETE /actionalias/{ref}': { path: 'ref'; query: never; body: undefined; answer: undefined };
  /** Runs the action of an alias with what a command says. */
  'POST /aliasexecution': { path: never; query: never; body: { readonly name: string; readonly format?: string | null; readonly command: string; readonly user?: string | null; readonly source_channel?: string | null; readonly source_context?: Json | null; readonly notification_channel?: string | null; readonly notification_route?: string | null; }; answer: { readonly execution: Execution; readonly actionalias: ActionAlias; readonly message?: string; readonly extra?: JsonObject; } | { readonly results: readonly ({ readonly execution: Execution; readonly actionalias: ActionAlias; readonly message?: string; readonly extra?: JsonObject; })[]; } };
  /** Runs the action of the alias that a command fits. */
  'POST /aliasexecution/match_and_execute': { path: never; query: never; body: { readonly command: string; readonly user?: string | null; readonly source_channel?: string | null; readonly source_context?: Json | null; readonly notification_channel?: string | null; readonly notification_route?: string | null; }; answer: { readonly results: readonly ({ readonly execution: Execution; readonly actionalias: ActionAlias; readonly message?: string; readonly extra?: JsonObject; })[]; } };
  /** Lists keys by name. */
  'GET /keys': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'scope' | 'user' | 'prefix' | 'name' | 'decrypt' | 'sort'; body: undefined; answer: readonly (Key)[] };
  /** Shows a key; a secret as ciphertext, unless it is to be decrypted. */
  'GET /keys/{path}': { path: 'path'; query: 'scope' | 'user' | 'decrypt'; body: undefined; answer: Key };
  /** Makes a key, or replaces it. */
  'PUT /keys/{path}': { path: 'path'; query: 'scope' | 'user'; body: KeyBody; answer: Key };
  /** Deletes a key. */
  'DELETE /keys/{path}': { path: 'path'; query: 'scope' | 'user'; body: undefined; answer: undefined };
  /** Lists traces, newest first; without a filter, those of the newest events and requests. */
  'GET /traces': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'trace_tag' | 'execution' | 'rule' | 'trigger_instance' | 'sort' | 'sort_asc' | 'sort_desc'; body: undefined; answer: readonly (Trace)[] };
  /** Shows the trace that an event, a request or anything that followed from it belongs to. */
  'GET /traces/{id}': { path: 'id'; query: never; body: undefined; answer: Trace };
  /** Lists the resources that packs declare. */
  'GET /resources': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset'; body: undefined; answer: readonly (DeclaredResource)[] };
  /** Lists what is left of objects whose resource is not declared any more. */
  'GET /resources/orphans': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'resource'; body: undefined; answer: readonly (ResourcePlan)[] };
  /** Lists the objects of declared resources. */
  'GET /resources/objects': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'resource'; body: undefined; answer: readonly (ResourceObject)[] };
  /** Shows an object. */
  'GET /resources/objects/{name}': { path: 'name'; query: never; body: undefined; answer: { readonly uid: string; readonly resource: string; readonly kind: string; readonly namespace: string | null; readonly name: string; readonly generation: number; readonly applied: number; readonly state: 'missing' | 'changed' | 'drifted' | 'orphaned' | 'unchanged' | 'deleting' | 'waiting' | 'blocked'; readonly reason: string; readonly message: string; readonly execution: string | null; readonly object: JsonObject | null; } };
  /** Says what Petrel waits for, and why. */
  'GET /resources/objects/{name}/explain': { path: 'name'; query: never; body: undefined; answer: { readonly uid: string; readonly resource: string; readonly kind: string; readonly namespace: string | null; readonly name: string; readonly generation: number; readonly applied: number; readonly state: 'missing' | 'changed' | 'drifted' | 'orphaned' | 'unchanged' | 'deleting' | 'waiting' | 'blocked'; readonly reason: string; readonly message: string; readonly execution: string | null; readonly step: string; readonly owner: JsonObject | null; readonly desired: JsonObject; readonly observed: JsonObject | null; readonly difference: readonly (string)[]; readonly outputs: JsonObject; readonly failure: JsonObject | null; readonly history: readonly ({ readonly id: string; readonly action: string; readonly handler: string | null; readonly generation: number | null; readonly status: string; readonly created: string | null; readonly ended: string | null; })[]; } };
  /** Reconciles an object now. */
  'POST /resources/objects/{name}/reconcile': { path: 'name'; query: never; body: { readonly dry_run?: boolean; } & JsonObject | undefined; answer: readonly (ResourcePlan)[] };
  /** Lets an object go without deleting what it stands for. */
  'POST /resources/objects/{name}/abandon': { path: 'name'; query: never; body: JsonObject | undefined; answer: ResourceObject };
  /** Shows a declared resource. */
  'GET /resources/{ref}': { path: 'ref'; query: never; body: undefined; answer: { readonly ref: string; readonly pack: string; readonly kind: string; readonly api_version: string; readonly description: string; readonly declared: boolean; readonly objects: { readonly [name: string]: number }; readonly orphans: number; readonly watch: string; readonly problem?: string; readonly declaration: JsonObject; } };
  /** The custom resource definition that is Petrel's for it. */
  'GET /resources/{ref}/crd': { path: 'ref'; query: never; body: undefined; answer: { readonly apiVersion: 'apiextensions.k8s.io/v1'; readonly kind: 'CustomResourceDefinition'; } & JsonObject };
  /** Reconciles all objects of a resource now. */
  'POST /resources/{ref}/reconcile': { path: 'ref'; query: never; body: { readonly dry_run?: boolean; } & JsonObject | undefined; answer: readonly (ResourcePlan)[] };
  /** Lists the kinds of services. */
  'GET /service_registry/groups': { path: never; query: never; body: undefined; answer: { readonly groups: readonly (string)[]; } };
  /** Lists the processes of one kind. */
  'GET /service_registry/groups/{id}/members': { path: 'id'; query: never; body: undefined; answer: { readonly members: readonly ({ readonly group_id: string; readonly member_id: string; readonly capabilities: { readonly hostname: string; readonly pid: number; readonly name: string; readonly version: string; readonly started_at: number; }; })[]; } };
  /** Who one is, and what one may do. */
  'GET /user': { path: never; query: never; body: undefined; answer: WhoAmI };
  /** Changes one's own password. */
  'PUT /user/password': { path: never; query: never; body: { readonly old_password: string; readonly password: string; }; answer: undefined };
  /** Lists users. */
  'GET /users': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort'; body: undefined; answer: readonly (User)[] };
  /** Makes a user. */
  'POST /users': { path: never; query: never; body: { readonly name: string; readonly password: string; }; answer: User };
  /** Changes a user's password. */
  'PUT /users/{name}/password': { path: 'name'; query: never; body: { readonly password: string; }; answer: undefined };
  /** Deletes a user, with tokens, API keys and roles. */
  'DELETE /users/{name}': { path: 'name'; query: never; body: undefined; answer: undefined };
  /** Lists API keys: all for administrators, else those of one's own. */
  'GET /apikeys': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'user' | 'show_secrets'; body: undefined; answer: readonly (ApiKey)[] };
  /** Makes an API key, which the answer shows this once. */
  'POST /apikeys': { path: never; query: never; body: { readonly user?: string | null; readonly metadata?: JsonObject | null; readonly enabled?: boolean | null; readonly key_hash?: string | null; readonly id?: string | null; readonly created_at?: string | null; } | undefined; answer: { readonly id: string; readonly uid: string; readonly user: string; readonly key_hash: string; readonly metadata: JsonObject; readonly created_at: string; readonly enabled: boolean; readonly key?: string; } };
  /** Shows an API key, by its id or itself. */
  'GET /apikeys/{id}': { path: 'id'; query: 'show_secrets'; body: undefined; answer: ApiKey };
  /** Changes an API key, such as to disable it. */
  'PUT /apikeys/{id}': { path: 'id'; query: never; body: { readonly user?: string | null; readonly metadata?: JsonObject | null; readonly enabled?: boolean | null; readonly key_hash?: string | null; } | undefined; answer: ApiKey };
  /** Deletes an API key. */
  'DELETE /apikeys/{id}': { path: 'id'; query: never; body: undefined; answer: undefined };
  /** Lists roles. */
  'GET /rbac/roles': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'system'; body: undefined; answer: readonly (Role)[] };
  /** Shows a role, by its name or id. */
  'GET /rbac/roles/{role}': { path: 'role'; query: never; body: undefined; answer: Role };
  /** Who has which role, and why. */
  'GET /rbac/role_assignments': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'sort' | 'user' | 'role' | 'source' | 'remote'; body: undefined; answer: readonly (RoleAssignment)[] };
  /** Gives a user a role. */
  'POST /rbac/role_assignments': { path: never; query: never; body: { readonly user: string; readonly role: string; }; answer: { readonly user: string; readonly role: string; readonly source: string; } };
  /** Shows that somebody has a role. */
  'GET /rbac/role_assignments/{id}': { path: 'id'; query: never; body: undefined; answer: RoleAssignment };
  /** Takes a role from a user. */
  'DELETE /rbac/role_assignments/{user}/{role}': { path: 'user' | 'role'; query: never; body: undefined; answer: undefined };
  /** What can be granted, by type of resource. */
  'GET /rbac/permission_types': { path: never; query: never; body: undefined; answer: { readonly [name: string]: readonly (string)[] } };
  /** Reads the files of roles again, as st2-apply-rbac-definitions. */
  'POST /rbac/reload': { path: never; query: never; body: undefined; answer: { readonly roles: number; } };
  /** Who changed what, newest first. */
  'GET /audit': { path: never; query: 'include_attributes' | 'exclude_attributes' | 'limit' | 'offset' | 'user' | 'outcome' | 'timestamp_gt' | 'timestamp_lt'; body: undefined; answer: readonly (AuditRecord)[] };
  /** Dispatches any trigger. */
  'POST /webhooks/st2': { path: never; query: never; body: { readonly trigger: string; readonly payload?: JsonObject; readonly parameters?: JsonObject; readonly dedupe_key?: string; }; answer: { readonly trigger: string; readonly payload: JsonObject; } & JsonObject };
}
