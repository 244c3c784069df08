import {
  grantedBy,
  isGlobal,
  isReading,
  type PermissionType,
  type ResourceType,
  resourceTypeOf,
} from './permissions.ts';

/** What a role allows. */
export interface Grant {
  readonly permissions: readonly PermissionType[];
  /** On this resource, or all that belongs to it (a pack's content). Absent: what is about no single resource. */
  readonly resourceUid?: string;
  /** Petrel's extension: only of these Kubernetes namespaces; without a `resourceUid` everything of them. */
  readonly namespaces?: readonly string[];
}

export interface Role {
  readonly name: string;
  readonly description: string;
  /** Whether it is one of StackStorm's three. */
  readonly system: boolean;
  readonly grants: readonly Grant[];
}

export const SYSTEM_ADMIN = 'system_admin';

const system = (name: string, description: string): Role => ({ name, description, system: true, grants: [] });

export const SYSTEM_ROLES: readonly Role[] = [
  system(SYSTEM_ADMIN, 'May do everything, and is the only one who makes others system administrators.'),
  system('admin', 'May do everything.'),
  system('observer', 'May see everything, and change nothing.'),
];

/** What a request is about. */
export interface Resource {
  readonly type: ResourceType;
  /** Its own uid and those of what it belongs to (`pack:shop`), as far as there are any. */
  readonly uids: readonly string[];
  /** The Kubernetes namespaces it is about; none: it is about no namespace. */
  readonly namespaces?: readonly string[];
  /** Whose it is: the owner of an API key or of a key in the scope of a user may do everything with it. */
  readonly owner?: string;
}

export interface Subject {
  readonly user: string;
  readonly roles: readonly Role[];
}

export function isSystemAdmin({ roles }: Subject): boolean {
  return roles.some(({ name, system: one }) => one && name === SYSTEM_ADMIN);
}

export function isAdmin(subject: Subject): boolean {
  return isSystemAdmin(subject) || subject.roles.some(({ name, system: one }) => one && name === 'admin');
}

/** Whether the subject may; without a resource: whether it may in general. What is not granted is denied. */
export function permits(subject: Subject, permission: PermissionType, resource?: Resource): boolean {
  if (isAdmin(subject)) return true;
  if (resource?.owner !== undefined) return resource.owner === subject.user;
  if (isReading(permission) && subject.roles.some(({ name, system: one }) => one && name === 'observer')) return true;
  const sufficient = grantedBy(permission);
  return subject.roles.some(({ grants }) =>
    grants.some((grant) => grant.permissions.some((one) => sufficient.has(one)) && covers(grant, permission, resource)),
  );
}

function covers(grant: Grant, permission: PermissionType, resource: Resource | undefined): boolean {
  const { resourceUid, namespaces } = grant;
  if (resourceUid === undefined && namespaces === undefined) return isGlobal(permission);
  if (resource === undefined) return false;
  if (resourceUid !== undefined && !resource.uids.includes(resourceUid)) return false;
  if (namespaces === undefined) return true;
  const about = resource.namespaces ?? [];
  return about.length > 0 && about.every((namespace) => namespaces.includes(namespace));
}

/** Which items of a list the subject may see: all, those that `permits` each, or it may not list at all. */
export function listing(subject: Subject, type: ResourceType): 'all' | 'some' | 'none' {
  const list: PermissionType = `${type as 'action'}_list`; // every type that is listed has it
  if (permits(subject, list)) return 'all';
  const visible = grantedBy(`${type as 'action'}_view`); // likewise
  const sees = subject.roles.some(({ grants }) =>
    grants.some(
      ({ permissions, resourceUid, namespaces }) =>
        (resourceUid !== undefined || namespaces !== undefined) && permissions.some((one) => visible.has(one)),
    ),
  );
  return sees ? 'some' : 'none';
}

/** Whether a permission type can be granted on such a resource, as StackStorm allows it. */
export function canBeGrantedOn(permission: PermissionType, uid: string): boolean {
  const holder = uid.split(':', 1)[0] ?? '';
  const type = resourceTypeOf(permission);
  if (type === holder) return true;
  if (holder === 'pack') return OF_PACKS.has(type);
  // Petrel's extension: executions by their action, enforcements by their rule.
  return (holder === 'action' && type === 'execution') || (holder === 'rule' && type === 'rule_enforcement');
}

const OF_PACKS: ReadonlySet<ResourceType> = new Set<ResourceType>([
  'pack',
  'sensor_type',
  'action',
  'action_alias',
  'rule',
  'rule_enforcement',
  'policy',
  'trigger',
  'execution',
  'inquiry',
  'resource',
]);
