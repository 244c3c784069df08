import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Requester } from '../../src/access/index.ts';
import { revealsSecrets } from '../../src/api/auth.ts';

const role = (name: string) => ({ name, description: '', system: true, grants: [] });
const by = (name: string, more: Partial<Requester> = {}): Requester => ({
  user: 'ann',
  method: 'token',
  roles: [role(name)],
  ...more,
});
/** What the function looks at of a request. */
const asking = (requester: Requester | null, show_secrets?: string) =>
  revealsSecrets({ requester, query: { show_secrets } } as unknown as FastifyRequest); // it looks at nothing else

describe('secrets in clear text', () => {
  it.each(['true', 'True', '1', 'yes', ''])('are shown to an administrator who asks with %j', (word) => {
    expect(asking(by('admin'), word)).toBe(true);
  });

  it.each([
    ['an administrator who does not ask', by('admin'), undefined],
    ['an administrator who says no', by('admin'), 'False'],
    ['an observer', by('observer'), 'true'],
    ['code of a pack that an administrator runs', by('admin', { pack: 'shop' }), 'true'],
    ['nobody', null, 'true'],
  ])('are not shown to %s', (_, requester, word) => {
    expect(asking(requester, word)).toBe(false);
  });
});
