import type { PermissionType, ResourceType } from '../access/index.ts';

/** How to find what a request is about; see auth-resources.ts. */
export type Subject =
  | 'nothing'
  | 'action'
  | 'action in body'
  | 'action to run'
  | 'action of rule'
  | 'clone'
  | 'rule'
  | 'rule in body'
  | 'policy'
  | 'policy in body'
  | 'pack'
  | 'sensor'
  | 'alias'
  | 'alias in body'
  | 'trigger type'
  | 'trigger in body'
  | 'trigger instance'
  | 'enforcement'
  | 'execution'
  | 'inquiry'
  | 'key'
  | 'webhook'
  | 'api key'
  | 'resource'
  | 'object'
  | 'itself';

/** What one request needs: a permission, on what. */
export interface Demand {
  readonly permission: PermissionType;
  readonly on: Subject;
}

/**
 * Who may call a route. `public`: everybody. `known`: everybody who is somebody. `admin`: administrators. `list`: whoever may see
 * something of the type; what one may not see is left out of the answer.
 */
export type RouteAccess = {
  /** Takes a token or API key from the address: a browser's EventSource and foreign webhooks cannot send headers. */
  readonly credentialInUrl?: 'stream' | 'webhook';
  /** Who has no credential, or not enough of one, may give a signature instead: the route asks for it, see `refusalOf`. */
  readonly signature?: true;
  /** Changes nothing although it is a POST, or is stored with all that it brings anyway: not in the audit log. */
  readonly unaudited?: true;
} & (
  | { readonly kind: 'public' | 'known' | 'admin' }
  | { readonly kind: 'list'; readonly type: ResourceType }
  | { readonly kind: 'demands'; readonly demands: readonly Demand[] }
);

const open: RouteAccess = { kind: 'public' };
const known: RouteAccess = { kind: 'known' };
const admin: RouteAccess = { kind: 'admin' };
const list = (type: ResourceType): RouteAccess => ({ kind: 'list', type });
const needs = (permission: PermissionType, on: Subject = 'nothing', ...more: readonly Demand[]): RouteAccess => ({
  kind: 'demands',
  demands: [{ permission, on }, ...more],
});
const reads = (access: RouteAccess): RouteAccess => ({ ...access, unaudited: true });
const stream = (access: RouteAccess): RouteAccess => ({ ...access, credentialInUrl: 'stream' });
const hook = (access: RouteAccess): RouteAccess => ({ ...access, credentialInUrl: 'webhook', unaudited: true });

/** A rule runs its action as the system does: who writes one must be allowed to run the action oneself. */
const RUNS: Demand = { permission: 'action_execute', on: 'action of rule' };

/**
 * Who may call which route: the one place that says so. Paths without prefix (`/api/v1`, `/v1`, ...) and without names of
 * parameters. A route that is not here is nobody's, and a test fails.
 */
const TABLE: Readonly<Record<string, RouteAccess>> = {
  'GET /healthz': open,
  'GET /readyz': open,
  'GET /openapi.json': open,
  'GET /metrics': needs('metrics_view'),
  'GET /': known,

  'POST /tokens': open,
  'POST /tokens/validate': reads(open),
  'POST /session': open,
  'DELETE /session': known,
  'GET /sso': open,
  'GET /sso/request': open,
  'GET /sso/callback': open,
  'GET /user': known,
  'PUT /user/password': known,
  'GET /users': admin,
  'POST /users': admin,
  'DELETE /users/:': admin,
  'PUT /users/:/password': admin,
  'GET /apikeys': list('api_key'),
  'POST /apikeys': needs('api_key_create'),
  'GET /apikeys/:': needs('api_key_view', 'api key'),
  'PUT /apikeys/:': needs('api_key_modify', 'api key'),
  'DELETE /apikeys/:': needs('api_key_delete', 'api key'),
  'GET /rbac/roles': admin,
  'GET /rbac/roles/:': admin,
  'GET /rbac/role_assignments': admin,
  'GET /rbac/role_assignments/:': admin,
  'POST /rbac/role_assignments': admin,
  'DELETE /rbac/role_assignments/:/:': admin,
  'GET /rbac/permission_types': known,
  'POST /rbac/reload': admin,
  'GET /audit': admin,

  'GET /packs': list('pack'),
  'GET /packs/:': needs('pack_view', 'pack'),
  'POST /packs/install': needs('pack_install'),
  'POST /packs/uninstall': needs('pack_uninstall'),
  'POST /packs/register': needs('pack_register'),
  'GET /packs/index': needs('pack_search'),
  'GET /packs/index/health': needs('pack_views_index_health'),
  'POST /packs/index/search': reads(needs('pack_search')),
  'GET /packs/views/files/:': needs('pack_view', 'pack'),
  'GET /packs/views/file/:/*': needs('pack_view', 'pack'),
  // Of the packs that one may configure: StackStorm's web interface asks for all, whoever sits before it.
  'GET /configs': known,
  'GET /configs/:': needs('pack_config', 'pack'),
  'PUT /configs/:': needs('pack_config', 'pack'),
  'GET /config_schemas': list('pack'),
  'GET /config_schemas/:': needs('pack_view', 'pack'),

  'GET /actions': list('action'),
  'POST /actions': needs('action_create', 'action in body'),
  'GET /actions/:': needs('action_view', 'action'),
  'PUT /actions/:': needs('action_modify', 'action'),
  'DELETE /actions/:': needs('action_delete', 'action'),
  'POST /actions/:/clone': needs('action_view', 'action', { permission: 'action_create', on: 'clone' }),
  'GET /actions/views/overview': list('action'),
  'GET /actions/views/overview/:': needs('action_view', 'action'),
  'GET /actions/views/parameters/:': needs('action_view', 'action'),
  'GET /actions/views/entry_point/:': needs('action_view', 'action'),
  'GET /runnertypes': list('runner_type'),
  'GET /runnertypes/:': needs('runner_type_view', 'itself'),
  'PUT /runnertypes/:': needs('runner_type_modify', 'itself'),
  'POST /workflows/inspect': reads(known),

  'GET /executions': list('execution'),
  'POST /executions': needs('action_execute', 'action to run'),
  'GET /executions/:': needs('execution_view', 'execution'),
  'PUT /executions/:': needs('execution_stop', 'execution'),
  'DELETE /executions/:': needs('execution_stop', 'execution'),
  'POST /executions/:/re_run': needs('execution_rerun', 'execution'),
  'GET /executions/:/children': needs('execution_view', 'execution'),
  'GET /executions/:/history': needs('execution_view', 'execution'),
  'GET /executions/:/attribute/:': needs('execution_view', 'execution'),
  'GET /executions/:/result': needs('execution_view', 'execution'),
  'GET /executions/:/output': stream(needs('execution_view', 'execution')),
  'GET /executions/views/filters': needs('execution_views_filters_list'),

  'GET /inquiries': list('inquiry'),
  'GET /inquiries/:': needs('inquiry_view', 'inquiry'),
  'PUT /inquiries/:': needs('inquiry_respond', 'inquiry'),

  'GET /rules': list('rule'),
  'POST /rules': needs('rule_create', 'rule in body', RUNS),
  'GET /rules/:': needs('rule_view', 'rule'),
  'PUT /rules/:': needs('rule_modify', 'rule', { permission: 'rule_modify', on: 'rule in body' }, RUNS),
  'DELETE /rules/:': needs('rule_delete', 'rule'),
  'GET /rules/views': list('rule'),
  'GET /rules/views/:': needs('rule_view', 'rule'),
  'GET /ruletypes': known,
  'GET /ruletypes/:': known,
  'GET /ruleenforcements': list('rule_enforcement'),
  'GET /ruleenforcements/:': needs('rule_enforcement_view', 'enforcement'),
  'GET /ruleenforcements/views': list('rule_enforcement'),
  'GET /ruleenforcements/views/:': needs('rule_enforcement_view', 'enforcement'),

  'GET /triggertypes': list('trigger'),
  'POST /triggertypes': needs('trigger_create', 'trigger in body'),
  'GET /triggertypes/:': needs('trigger_view', 'trigger type'),
  'PUT /triggertypes/:': needs('trigger_modify', 'trigger type'),
  'DELETE /triggertypes/:': needs('trigger_delete', 'trigger type'),
  'GET /triggers': needs('trigger_list'),
  'POST /triggers': needs('trigger_create', 'trigger in body'),
  'GET /triggers/:': needs('trigger_view', 'trigger type'),
  'PUT /triggers/:': needs('trigger_modify', 'trigger type'),
  'DELETE /triggers/:': needs('trigger_delete', 'trigger type'),
  'GET /triggerinstances': needs('trigger_list'),
  'GET /triggerinstances/:': needs('trigger_view', 'trigger instance'),
  'POST /triggerinstances/:/re_emit': needs('trigger_emit', 'trigger instance'),
  'GET /sensortypes': list('sensor_type'),
  'GET /sensortypes/:': needs('sensor_type_view', 'sensor'),
  'PUT /sensortypes/:': needs('sensor_type_modify', 'sensor'),
  'GET /timers': needs('timer_list'),
  'GET /timers/:': needs('timer_view', 'itself'),
  'GET /webhooks': needs('webhook_list'),
  'GET /webhooks/*': needs('webhook_view', 'webhook'),
  'GET /webhooks/:': needs('webhook_view', 'webhook'),
  'POST /webhooks/st2': hook(needs('webhook_send', 'webhook')),
  'POST /webhooks/*': { ...hook(needs('webhook_send', 'webhook')), signature: true },
  'GET /traces': needs('trace_list'),
  'GET /traces/:': needs('trace_view', 'itself'),

  // Items with an owner, and secrets, are looked at one by one.
  'GET /keys': list('key_value_pair'),
  'GET /keys/*': needs('key_value_pair_view', 'key'),
  'PUT /keys/*': needs('key_value_pair_set', 'key'),
  'DELETE /keys/*': needs('key_value_pair_delete', 'key'),

  'GET /policytypes': list('policy_type'),
  'GET /policytypes/:': needs('policy_type_view', 'itself'),
  'GET /policies': list('policy'),
  'POST /policies': needs('policy_create', 'policy in body'),
  'GET /policies/:': needs('policy_view', 'policy'),
  'PUT /policies/:': needs('policy_modify', 'policy'),
  'DELETE /policies/:': needs('policy_delete', 'policy'),

  'GET /actionalias': list('action_alias'),
  'POST /actionalias': needs('action_alias_create', 'alias in body'),
  'GET /actionalias/:': needs('action_alias_view', 'alias'),
  'PUT /actionalias/:': needs('action_alias_modify', 'alias'),
  'DELETE /actionalias/:': needs('action_alias_delete', 'alias'),
  'POST /actionalias/match': reads(needs('action_alias_match')),
  'GET /actionalias/help': needs('action_alias_help'),
  // Which action an alias runs comes out only in the route, which asks for the permission to run that, too.
  'POST /aliasexecution': needs('action_alias_match'),
  'POST /aliasexecution/match_and_execute': needs('action_alias_match'),

  'GET /resources': list('resource'),
  'GET /resources/:': needs('resource_view', 'resource'),
  'GET /resources/:/crd': needs('resource_view', 'resource'),
  'POST /resources/:/reconcile': needs('resource_modify', 'resource'),
  'GET /resources/orphans': needs('resource_list'),
  'GET /resources/objects': list('resource'),
  'GET /resources/objects/:': needs('resource_view', 'object'),
  'GET /resources/objects/:/explain': needs('resource_view', 'object'),
  'POST /resources/objects/:/reconcile': needs('resource_modify', 'object'),
  'POST /resources/objects/:/abandon': needs('resource_modify', 'object'),

  'GET /service_registry/groups': known,
  'GET /service_registry/groups/:/members': known,
  'GET /stream': stream(needs('stream_view')),
};

/** The key of a route in the table: `GET /executions/:/output`. HEAD is what GET is. */
export function routeKey(method: string, url: string): string {
  const path = url
    .replace(/^\/(?:api|auth|stream)(?=\/)/, '')
    .replace(/^\/v1(?=\/|$)/, '')
    .replace(/^\/actionexecutions(?=\/|$)/, '/executions')
    .replace(/:[^/]+/g, ':')
    .replace(/(.)\/$/, '$1');
  return `${method === 'HEAD' ? 'GET' : method} ${path === '' ? '/' : path}`;
}

/** Undefined: the route has no entry, and is nobody's. */
export function accessOf(method: string, url: string): RouteAccess | undefined {
  const key = routeKey(method, url);
  return Object.hasOwn(TABLE, key) ? TABLE[key] : undefined;
}

export const ROUTE_TABLE = TABLE;
