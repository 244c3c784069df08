import { describe, expect, it } from 'vitest';
import {
  type Grant,
  isReading,
  listing,
  type PermissionType,
  permits,
  type Resource,
  type Role,
} from '../../src/access/index.ts';
import { PERMISSION_TYPES } from '../../src/access/permissions.ts';
import { SYSTEM_ROLES } from '../../src/access/roles.ts';

const system = (name: string) => ({ user: name, roles: SYSTEM_ROLES.filter((role) => role.name === name) });
const withGrants = (...grants: Grant[]) => ({
  user: 'ann',
  roles: [{ name: 'team', description: '', system: false, grants }] satisfies Role[],
});
const action = (pack: string, name: string, namespace?: string): Resource => ({
  type: 'action',
  uids: [`action:${pack}:${name}`, `pack:${pack}`],
  ...(namespace !== undefined && { namespaces: [namespace] }),
});

describe('system roles', () => {
  it.each(['system_admin', 'admin'])('%s may everything', (name) => {
    expect(PERMISSION_TYPES.filter((permission) => !permits(system(name), permission))).toEqual([]);
  });

  it('observer may read, and nothing else', () => {
    const allowed = PERMISSION_TYPES.filter((permission) => permits(system('observer'), permission));
    expect(allowed).toEqual(PERMISSION_TYPES.filter(isReading));
    expect(
      allowed.filter((one) => /create|modify|delete|execute|send|set|install|stop|rerun|respond|_all$/.test(one)),
    ).toEqual([]);
  });

  it('a role of that name from a file would not be one: only system roles have their powers', () => {
    const fake = { user: 'eve', roles: [{ name: 'system_admin', description: '', system: false, grants: [] }] };
    expect(permits(fake, 'action_view', action('shop', 'buy'))).toBe(false);
  });

  it('without a role nothing is allowed', () => {
    const nobody = { user: 'eve', roles: [] };
    expect(
      PERMISSION_TYPES.filter((one) => permits(nobody, one) || permits(nobody, one, action('shop', 'buy'))),
    ).toEqual([]);
  });
});

describe('a grant', () => {
  it('on a pack reaches its content, and no other pack, not even one whose name begins the same', () => {
    const ann = withGrants({ permissions: ['action_execute'], resourceUid: 'pack:shop' });
    expect(permits(ann, 'action_execute', action('shop', 'buy'))).toBe(true);
    expect(permits(ann, 'action_execute', action('shopping', 'buy'))).toBe(false);
    expect(permits(ann, 'action_execute')).toBe(false);
  });

  it('on an action reaches no other', () => {
    const ann = withGrants({ permissions: ['action_execute'], resourceUid: 'action:shop:buy' });
    expect(permits(ann, 'action_execute', action('shop', 'buy'))).toBe(true);
    expect(permits(ann, 'action_execute', action('shop', 'sell'))).toBe(false);
  });

  it.each<[PermissionType, PermissionType[], PermissionType[]]>([
    [
      'action_execute',
      ['action_execute', 'action_view', 'execution_rerun', 'execution_stop', 'execution_view'],
      ['action_modify', 'action_delete'],
    ],
    ['action_view', ['action_view', 'execution_view'], ['action_execute', 'execution_stop']],
    ['action_all', ['action_view', 'action_delete', 'action_execute', 'execution_stop'], ['rule_view']],
    ['rule_modify', ['rule_modify', 'rule_view', 'rule_enforcement_view'], ['rule_delete']],
    ['pack_all', ['pack_view', 'pack_modify'], ['action_view', 'rule_view']],
    ['execution_stop', ['execution_stop', 'execution_view'], ['execution_rerun', 'action_view']],
  ])('of %s gives what it implies, as in StackStorm', (granted, given, withheld) => {
    const ann = withGrants({ permissions: [granted], resourceUid: 'pack:shop' });
    const allowed = (permission: PermissionType) => permits(ann, permission, action('shop', 'buy'));
    expect(given.filter((one) => !allowed(one))).toEqual([]);
    expect(withheld.filter(allowed)).toEqual([]);
  });

  it('for namespaces needs all namespaces of a thing among them, and a thing without one is out of reach', () => {
    const ann = withGrants({ permissions: ['action_execute'], resourceUid: 'pack:kubernetes', namespaces: ['a', 'b'] });
    expect(permits(ann, 'action_execute', action('kubernetes', 'scale', 'a'))).toBe(true);
    expect(permits(ann, 'action_execute', action('kubernetes', 'scale', 'c'))).toBe(false);
    expect(permits(ann, 'action_execute', action('kubernetes', 'scale'))).toBe(false);
    const both = { ...action('kubernetes', 'scale'), namespaces: ['a', 'c'] };
    expect(permits(ann, 'action_execute', both)).toBe(false);
  });

  it('without a resource covers what is about no single one, and nothing else', () => {
    const ann = withGrants({ permissions: ['pack_install', 'action_execute'] });
    expect(permits(ann, 'pack_install')).toBe(true);
    expect(permits(ann, 'action_execute', action('shop', 'buy'))).toBe(false);
  });

  it('does not reach what is somebody else’s own', () => {
    const own = (owner: string): Resource => ({ type: 'api_key', uids: ['api_key:x'], owner });
    const ann = withGrants({ permissions: ['api_key_all'], resourceUid: 'api_key:x' });
    expect(permits(ann, 'api_key_delete', own('ann'))).toBe(true);
    expect(permits(ann, 'api_key_delete', own('ben'))).toBe(false);
    expect(permits(system('observer'), 'api_key_view', own('ben'))).toBe(false);
    expect(permits(system('admin'), 'api_key_view', own('ben'))).toBe(true);
  });
});

describe('a list', () => {
  it.each<[string, ReturnType<typeof withGrants>, string]>([
    ['all with the list permission', withGrants({ permissions: ['action_list'] }), 'all'],
    [
      'some with a view of something',
      withGrants({ permissions: ['action_execute'], resourceUid: 'pack:shop' }),
      'some',
    ],
    ['none with grants of another type', withGrants({ permissions: ['rule_all'], resourceUid: 'pack:shop' }), 'none'],
  ])('shows %s', (_, subject, shown) => {
    expect(listing(subject, 'action')).toBe(shown);
  });
});
