import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/model/index.ts';
import { type OpenStore, withStore } from './conformance.ts';
import { ALL, id } from './given.ts';

export function accessConformance(open: OpenStore): void {
  describe('users', () => {
    const store = withStore(open);
    const ann = { name: 'ann', passwordHash: 'h1', createdAt: 5 };
    const token = (number: number, expiresAt = 100, user = 'ann') => ({
      id: id(number),
      hash: `hash-${number}`,
      user,
      createdAt: 1,
      expiresAt,
      metadata: { nickname: 'cli' },
    });
    const key = (number: number, user = 'ann') => ({
      id: id(number),
      hash: `key-${number}`,
      user,
      createdAt: 1,
      enabled: true,
      metadata: { used_by: 'bot' },
    });

    it('exist once, and change their password but not their birth', async () => {
      expect(await store().insertUser(ann)).toBe(true);
      expect(await store().insertUser({ ...ann, passwordHash: 'other' })).toBe(false);
      expect(await store().getUser('ann')).toEqual(ann);
      await store().putUser({ ...ann, passwordHash: 'h2', createdAt: 99 });
      await store().putUser({ name: 'ben', subject: 'https://id.example 7', createdAt: 6 });
      expect(await store().listUsers()).toEqual([
        { ...ann, passwordHash: 'h2' },
        { name: 'ben', subject: 'https://id.example 7', createdAt: 6 },
      ]);
      expect(await store().getUser('nobody')).toBeUndefined();
    });

    it('have tokens that are found by their hash and go with time', async () => {
      await store().insertToken(token(1));
      await store().insertToken(token(2, 200));
      await expect(store().insertToken({ ...token(3), hash: 'hash-1' })).rejects.toMatchObject({ code: 'conflict' });
      expect(await store().getToken('hash-1')).toEqual(token(1));
      expect(await store().deleteExpiredTokens(100)).toBe(1);
      expect(await store().getToken('hash-1')).toBeUndefined();
      expect(await store().deleteToken('hash-2')).toBe(true);
      expect(await store().deleteToken('hash-2')).toBe(false);
      await store().insertToken(token(4));
      expect(await store().deleteTokensOf('ann')).toBe(1);
    });

    it('have API keys, which are enabled or not', async () => {
      await store().putApiKey(key(1));
      await store().putApiKey(key(2, 'ben'));
      await expect(store().putApiKey({ ...key(3), hash: 'key-1' })).rejects.toMatchObject({ code: 'conflict' });
      await store().putApiKey({ ...key(1), enabled: false, metadata: {} });
      expect(await store().findApiKey('key-1')).toEqual({ ...key(1), enabled: false, metadata: {} });
      expect(await store().getApiKey(id(2))).toEqual(key(2, 'ben'));
      expect((await store().listApiKeys()).map((one) => one.id)).toEqual([id(1), id(2)]);
      expect((await store().listApiKeys('ben')).map((one) => one.id)).toEqual([id(2)]);
      expect(await store().deleteApiKey(id(2))).toBe(true);
      expect(await store().deleteApiKey(id(2))).toBe(false);
    });

    it('have roles, each once from each source', async () => {
      const role = { user: 'ann', role: 'observer', source: 'local', createdAt: 1 } as const;
      await store().putRoleAssignment(role);
      await store().putRoleAssignment({ ...role, createdAt: 9 });
      await store().putRoleAssignment({ ...role, source: 'oidc' });
      await store().putRoleAssignment({ ...role, user: 'ben' });
      expect(await store().listRoleAssignments('ann')).toEqual([role, { ...role, source: 'oidc' }]);
      expect(await store().listRoleAssignments()).toHaveLength(3);
      expect(await store().deleteRoleAssignment('ann', 'observer', 'oidc')).toBe(true);
      expect(await store().deleteRoleAssignment('ann', 'observer', 'oidc')).toBe(false);
    });

    it('are deleted with all they have', async () => {
      await store().insertToken(token(5));
      await store().insertToken(token(6, 100, 'ben'));
      expect(await store().deleteUser('ann')).toBe(true);
      expect(await store().deleteUser('ann')).toBe(false);
      expect(await store().getToken('hash-5')).toBeUndefined();
      expect(await store().getToken('hash-6')).toEqual(token(6, 100, 'ben'));
      expect(await store().listApiKeys()).toEqual([]);
      expect(await store().listRoleAssignments('ann')).toEqual([]);
    });
  });

  describe('the audit log', () => {
    const store = withStore(open);
    const record = (number: number, more: Partial<AuditRecord> = {}): AuditRecord => ({
      id: id(number),
      at: number * 10,
      user: 'ann',
      method: 'token',
      address: '10.0.0.1',
      requestId: 'r1',
      action: 'PUT /keys/*',
      target: '/v1/keys/a\u0000b',
      permission: 'key_value_pair_set',
      outcome: 'done',
      status: 200,
      ...more,
    });

    it('lists the newest first, by user, outcome and time, a page at a time', async () => {
      for (const one of [record(1), record(2, { user: 'ben', outcome: 'denied', status: 403 }), record(3)]) {
        await store().insertAudit(one);
      }
      expect((await store().listAudit({}, ALL)).items[0]).toEqual(record(3));
      const idsOf = async (filter: Parameters<ReturnType<typeof store>['listAudit']>[0], page = ALL) =>
        (await store().listAudit(filter, page)).items.map((one) => one.id);
      expect(await idsOf({ user: 'ann' })).toEqual([id(3), id(1)]);
      expect(await idsOf({ outcome: 'denied' })).toEqual([id(2)]);
      expect(await idsOf({ after: 10, before: 30 })).toEqual([id(2)]);
      expect(await store().listAudit({}, { limit: 1, offset: 1 })).toMatchObject({ total: 3, items: [{ id: id(2) }] });
    });

    it('forgets what is old', async () => {
      expect(await store().deleteAuditBefore(30)).toBe(2);
      expect((await store().listAudit({}, ALL)).total).toBe(1);
    });
  });
}
