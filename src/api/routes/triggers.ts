import { z } from 'zod';
import { boundWebhooks, isTimer, type Trigger, triggersOf } from '../../sensors/index.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import { contentQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { trigger as triggerShape } from '../shapes/content.ts';

const TAG = 'Triggers';

/** GET /triggers, /timers and /webhooks: what sensors, timers and hooks are bound to now. */
export function triggerRoutes({ registry }: ApiServices): readonly Route[] {
  const triggers = () => triggersOf(registry.snapshot());
  /** Those that answer now, as triggers. */
  const hooks = () => {
    const snapshot = registry.snapshot();
    const bound = new Set(boundWebhooks(snapshot).map(({ parameters }) => parameters));
    return triggersOf(snapshot).filter(({ parameters }) => bound.has(parameters));
  };

  return [
    ...listed('/triggers', 'Trigger', 'triggers: trigger types with their parameters', triggers),
    ...listed('/timers', 'Timer', 'timers', () => triggers().filter(({ type }) => isTimer(type))),
    route({
      method: 'GET',
      path: '/webhooks',
      tag: TAG,
      summary: 'Lists webhooks that answer now',
      query: z.object(contentQuery),
      answer: z.array(triggerShape),
      handle: ({ query, reply }) => sendArray(reply, query, hooks()),
    }),
    route({
      method: 'GET',
      path: '/webhooks/*',
      tag: TAG,
      summary: 'Shows a webhook, by its url',
      answer: triggerShape,
      handle({ params }) {
        const url = trimmed(params['*'] ?? '');
        const found = hooks().find(({ parameters }) => trimmed(String(parameters.url)) === url);
        if (found === undefined) throw notFound('Webhook', url);
        return found;
      },
    }),
  ];
}

function listed(path: string, what: string, summary: string, list: () => readonly Trigger[]): readonly Route[] {
  return [
    route({
      method: 'GET',
      path,
      tag: TAG,
      summary: `Lists ${summary}`,
      query: z.object({ ...contentQuery, type: z.string().optional(), timer_type: z.string().optional() }),
      answer: z.array(triggerShape),
      handle({ query, reply }) {
        const { name, pack, type, timer_type: timerType } = query;
        const wanted = list().filter(
          (trigger) =>
            (name === undefined || trigger.name === name) &&
            (pack === undefined || trigger.pack === pack) &&
            (type === undefined || trigger.type === type) &&
            (timerType === undefined || trigger.type === timerType),
        );
        return sendArray(reply, query, wanted);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:ref`,
      tag: TAG,
      summary: `Shows one of the ${path.slice(1)}, by reference or id`,
      answer: triggerShape,
      handle({ params: { ref = '' } }) {
        const found = list().find((trigger) => trigger.id === ref || trigger.ref === ref);
        if (found === undefined) throw notFound(what, ref);
        return found;
      },
    }),
  ];
}

function trimmed(url: string): string {
  return url.replace(/^\/+|\/+$/g, '');
}
