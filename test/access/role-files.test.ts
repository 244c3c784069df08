import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRoleFiles } from '../../src/access/role-files.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-roles-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, file)), { recursive: true });
  await writeFile(join(directory, file), text);
}

describe('role files', () => {
  it('in docs/access.md are valid', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/access.md'), 'utf8');
    const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
    const folders = { 'permission_grants:': 'roles', 'username:': 'assignments', 'group:': 'mappings' };
    for (const [key, folder] of Object.entries(folders)) {
      for (const [index, block] of blocks.filter((text) => text.includes(key)).entries()) {
        await write(`${folder}/${index}.yaml`, block);
      }
    }
    const { roles, assignments, mappings } = await readRoleFiles(directory);
    expect([...roles.keys()]).toEqual(expect.arrayContaining(['shop', 'team_a']));
    expect([assignments.size, mappings.size]).toEqual([1, 1]);
  });

  it('that are not there give the three system roles', async () => {
    const { roles, assignments, mappings } = await readRoleFiles(join(directory, 'nowhere'));
    expect([...roles.keys()]).toEqual(['system_admin', 'admin', 'observer']);
    expect([assignments.size, mappings.size]).toEqual([0, 0]);
  });

  it('are read in StackStorm’s format', async () => {
    await write(
      'roles/owner.yaml',
      `---
name: "x_pack_owner"
description: "Owner of pack x"
enabled: true
permission_grants:
    -
        resource_uid: "pack:x"
        permission_types:
           - "pack_all"
           - "sensor_type_all"
           - "rule_all"
           - "action_all"
    -
        permission_types:
           - "runner_type_list"
`,
    );
    await write('roles/off.yaml', 'name: unused\nenabled: false\n');
    await write(
      'assignments/ann.yaml',
      'username: ann\ndescription: Ann\nenabled: true\nroles: [x_pack_owner, observer]\n',
    );
    await write('assignments/more.yaml', 'username: ann\nroles: [admin]\n');
    await write('mappings/stars.yaml', 'group: "CN=stars,DC=org"\ndescription: ~\nroles: [admin]\n');
    const { roles, assignments, mappings } = await readRoleFiles(directory);
    expect(roles.get('x_pack_owner')).toEqual({
      name: 'x_pack_owner',
      description: 'Owner of pack x',
      system: false,
      grants: [
        { resourceUid: 'pack:x', permissions: ['pack_all', 'sensor_type_all', 'rule_all', 'action_all'] },
        { permissions: ['runner_type_list'] },
      ],
    });
    expect(roles.has('unused')).toBe(false);
    expect(assignments.get('ann')).toEqual(['x_pack_owner', 'observer', 'admin']);
    expect(mappings.get('CN=stars,DC=org')).toEqual(['admin']);
  });

  it.each([
    [
      'roles/a.yaml',
      'name: a\npermission_grants: [{resource_uid: "pack:x", permission_types: [action_exekute]}]',
      /a\.yaml:2:.*"action_exekute".*Did you mean "action_execute"/,
    ],
    ['roles/a.yaml', 'name: a\npermission_grants: [{permission_types: [action_execute]}]', /a\.yaml:2:.*resource_uid/],
    [
      'roles/a.yaml',
      'name: a\npermission_grants: [{namespaces: [n], permission_types: [action_execute]}]',
      /a\.yaml:2:.*resource_uid/,
    ],
    [
      'roles/a.yaml',
      'name: a\npermission_grants: [{resource_uid: "rule:x:y", permission_types: [action_execute]}]',
      /cannot be granted on "rule:x:y"/,
    ],
    ['roles/a.yaml', 'name: admin', /a\.yaml:1:7: error: There is a role "admin" already/],
    ['roles/a.yaml', 'name: a\ngrants: []', /a\.yaml:1:1: error: Unrecognized key: "grants"/],
    [
      'assignments/a.yaml',
      'username: ann\nroles: [observr]',
      /a\.yaml:2:9: error: There is no role "observr"\. Did you mean "observer"/,
    ],
    ['mappings/a.yaml', 'roles: [admin]', /a\.yaml:1:1: error/],
    ['roles/a.yaml', 'name: [', /a\.yaml:1:/],
  ])('with a mistake in %s are refused, all of them, with the place', async (file, text, complaint) => {
    await write('roles/good.yaml', 'name: good\n');
    await write(file, text);
    await expect(readRoleFiles(directory)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(complaint),
    });
  });
});
