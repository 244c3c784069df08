import type { FastifyInstance } from 'fastify';
import { boundWebhooks, isTimer, type Trigger, triggersOf } from '../../sensors/index.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import type { ApiServices } from '../services.ts';

type ByRef = { Params: { ref: string } };

/** GET /triggers, /timers and /webhooks: what sensors, timers and hooks are bound to now. */
export function triggerRoutes(api: FastifyInstance, { registry }: ApiServices): void {
  const collections: Record<string, { readonly what: string; list(): readonly Trigger[] }> = {
    triggers: { what: 'Trigger', list: () => triggersOf(registry.snapshot()) },
    timers: { what: 'Timer', list: () => triggersOf(registry.snapshot()).filter(({ type }) => isTimer(type)) },
  };
  for (const [path, { what, list }] of Object.entries(collections)) {
    api.get(`/${path}`, async (request, reply) => {
      const { name, pack, type, timer_type: timerType } = request.query as Record<string, string | undefined>; // fastify's query object
      const wanted = list().filter(
        (trigger) =>
          (name === undefined || trigger.name === name) &&
          (pack === undefined || trigger.pack === pack) &&
          (type === undefined || trigger.type === type) &&
          (timerType === undefined || trigger.type === timerType),
      );
      return sendArray(reply, request.query, wanted);
    });
    api.get<ByRef>(`/${path}/:ref`, async (request) => {
      const { ref } = request.params;
      const found = list().find((trigger) => trigger.id === ref || trigger.ref === ref);
      if (found === undefined) throw notFound(what, ref);
      return found;
    });
  }

  api.get('/webhooks', async (request, reply) => sendArray(reply, request.query, hooks()));

  api.get<{ Params: { '*': string } }>('/webhooks/*', async (request) => {
    const url = request.params['*'].replace(/^\/+|\/+$/g, '');
    const found = hooks().find(({ parameters }) => String(parameters.url).replace(/^\/+|\/+$/g, '') === url);
    if (found === undefined) throw notFound('Webhook', url);
    return found;
  });

  /** Those that answer now, as triggers. */
  function hooks(): readonly Trigger[] {
    const snapshot = registry.snapshot();
    const bound = new Set(boundWebhooks(snapshot).map(({ parameters }) => parameters));
    return triggersOf(snapshot).filter(({ parameters }) => bound.has(parameters));
  }
}
