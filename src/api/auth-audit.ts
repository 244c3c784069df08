import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditRecord } from '../model/index.ts';
import { revealsSecrets } from './auth.ts';
import { routeKey } from './auth-table.ts';
import type { ApiServices } from './services.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who tries to sign in, where nobody is known yet, and how. */
    applicant: { readonly user: string; readonly method: 'password' | 'oidc' } | null;
  }
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Every change, and every attempt at one by somebody, is in the audit log before it is answered, and so is who has secrets shown. Bodies
 * are not: they hold secrets.
 * Requests of nobody are not, except logins, which are limited: strangers shall not fill the store.
 */
export function keepAudit(app: FastifyInstance, { access, masker }: ApiServices): void {
  app.decorateRequest('applicant', null);
  app.addHook('onSend', async (request, reply) => {
    const rule = request.routeOptions.config.access;
    if (request.is404 || rule?.unaudited === true) return;
    const reveals = revealsSecrets(request);
    if (READING.has(request.method) && request.applicant === null && !reveals) return;
    const who = request.requester ?? request.applicant;
    if (who === null) return;
    const status = reply.statusCode;
    await access.audit.record({
      user: who.user.replaceAll('\0', '').slice(0, 200),
      method: who.method,
      address: request.ip,
      requestId: request.id,
      action: `${routeKey(request.method, request.routeOptions.url ?? '')}${reveals ? '?show_secrets' : ''}`,
      target: masker.mask(pathOf(request)),
      permission:
        rule?.kind === 'demands' ? rule.demands.map(({ permission }) => permission).join(' ') : (rule?.kind ?? ''),
      outcome: outcomeOf(status),
      status,
    });
  });
}

function outcomeOf(status: number): AuditRecord['outcome'] {
  if (status < 400) return 'done';
  return status === 401 || status === 403 || status === 429 ? 'denied' : 'failed';
}

function pathOf({ originalUrl }: FastifyRequest): string {
  return originalUrl.split('?')[0] ?? '';
}
