/** What permissions are named on each type of resource; names as StackStorm's. `runner_type`, `sensor_type` and the like are types. */
const PERMISSIONS = {
  runner_type: ['list', 'view', 'modify', 'all'],
  pack: [
    'list',
    'view',
    'create',
    'modify',
    'delete',
    'install',
    'uninstall',
    'register',
    'config',
    'search',
    'views_index_health',
    'all',
  ],
  sensor_type: ['list', 'view', 'modify', 'all'],
  action: ['list', 'view', 'create', 'modify', 'delete', 'execute', 'all'],
  action_alias: ['list', 'view', 'create', 'modify', 'match', 'help', 'delete', 'all'],
  execution: ['list', 'view', 'rerun', 'stop', 'all', 'views_filters_list'],
  rule: ['list', 'view', 'create', 'modify', 'delete', 'all'],
  rule_enforcement: ['list', 'view'],
  key_value_pair: ['list', 'view', 'set', 'delete', 'all'],
  webhook: ['list', 'view', 'create', 'send', 'delete', 'all'],
  timer: ['list', 'view', 'all'],
  api_key: ['list', 'view', 'create', 'modify', 'delete', 'all'],
  trace: ['list', 'view', 'all'],
  // Create, modify, delete and emit are Petrel's: StackStorm lets everybody do these.
  trigger: ['list', 'view', 'create', 'modify', 'delete', 'emit', 'all'],
  policy_type: ['list', 'view', 'all'],
  policy: ['list', 'view', 'create', 'modify', 'delete', 'all'],
  inquiry: ['list', 'view', 'respond', 'all'],
  stream: ['view'],
  // Petrel's own: custom resources that packs declare, and what GET /metrics shows.
  resource: ['list', 'view', 'modify', 'all'],
  metrics: ['view'],
} as const;

type Permissions = typeof PERMISSIONS;
export type ResourceType = keyof Permissions;
export type PermissionType = { [T in ResourceType]: `${T}_${Permissions[T][number]}` }[ResourceType];

export const RESOURCE_TYPES = Object.keys(PERMISSIONS) as readonly ResourceType[]; // the object above has just these keys

const TYPE_OF = new Map<string, ResourceType>(
  RESOURCE_TYPES.flatMap((type) => PERMISSIONS[type].map((name) => [`${type}_${name}`, type] as const)),
);

export const PERMISSION_TYPES = [...TYPE_OF.keys()] as readonly PermissionType[]; // made of the same object

export function isPermissionType(text: string): text is PermissionType {
  return TYPE_OF.has(text);
}

export function resourceTypeOf(permission: PermissionType): ResourceType {
  const type = TYPE_OF.get(permission);
  if (type === undefined) throw new Error(`There is no permission ${permission}.`);
  return type;
}

/** Permission types by resource type, as `GET /rbac/permission_types` shows them. */
export function permissionTypesByResource(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(RESOURCE_TYPES.map((type) => [type, PERMISSIONS[type].map((name) => `${type}_${name}`)]));
}

/** Those that are about no single resource; only they can be granted without one. */
const GLOBAL: ReadonlySet<PermissionType> = new Set<PermissionType>([
  ...PERMISSION_TYPES.filter((permission) => permission.endsWith('_list')),
  'pack_install',
  'pack_uninstall',
  'pack_create',
  'pack_register',
  'pack_config',
  'pack_search',
  'pack_views_index_health',
  'action_alias_match',
  'action_alias_help',
  'api_key_create',
  'policy_create',
  'stream_view',
  'inquiry_view',
  'inquiry_respond',
  'metrics_view',
]);

export function isGlobal(permission: PermissionType): boolean {
  return GLOBAL.has(permission);
}

/** Names whose permission on a resource lets it be seen, too. */
const NOT_VIEWING = new Set(['list', 'match', 'help', 'search', 'views_filters_list', 'views_index_health']);

/** Reading, as StackStorm's observer may. */
export function isReading(permission: PermissionType): boolean {
  return /_(?:list|view|search)$/.test(permission);
}

/**
 * The permission types of which any one, granted on a resource or on what it belongs to, gives `permission`. As StackStorm: all gives
 * each; whoever may change or run a thing may see it; who may see, or run, an action may see, or stop, its executions.
 */
export function grantedBy(permission: PermissionType): ReadonlySet<PermissionType> {
  const known = GRANTED_BY.get(permission);
  if (known === undefined) throw new Error(`There is no permission ${permission}.`);
  return known;
}

const GRANTED_BY = new Map(PERMISSION_TYPES.map((permission) => [permission, new Set(impliers(permission))] as const));

function* impliers(permission: PermissionType): Iterable<PermissionType> {
  yield permission;
  const type = resourceTypeOf(permission);
  const name = permission.slice(type.length + 1);
  const named = (words: readonly string[]) => words.map((word) => `${type}_${word}`).filter(isPermissionType);
  yield* named(['all']);
  if (name === 'view') yield* named(PERMISSIONS[type].filter((one) => !NOT_VIEWING.has(one)));
  if (permission === 'execution_view') yield* impliers('action_view');
  if (permission === 'execution_rerun' || permission === 'execution_stop') yield* impliers('action_execute');
  if (permission === 'rule_enforcement_view') yield* impliers('rule_view');
}
