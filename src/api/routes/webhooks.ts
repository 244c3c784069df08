import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type JsonObject, messageOf, PetrelError, type TriggerEvent } from '../../model/index.ts';
import { type BoundWebhook, verifySignature, webhookEvent, webhooksAt } from '../../sensors/index.ts';
import { dispatchFrom, dispatchOne } from '../dispatch.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { json, object } from '../shapes/common.ts';

const TAG = 'Webhooks';

const injected = z.object({
  trigger: z.string(),
  payload: z.record(z.string(), z.json()).default({}),
  /** Petrel's extensions: the concrete trigger's parameters, and a key that makes a repetition a no-op. */
  parameters: z.record(z.string(), z.json()).default({}),
  dedupe_key: z.string().optional(),
});

/**
 * A webhook may be bound with a signature, which its sender gives in place of a token, over the bytes of the body: so where these routes
 * are, bodies are left as they came.
 */
export function readBytes(api: FastifyInstance): void {
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
}

/** POST /webhooks. Signatures are asked for and bodies are read here. */
export function webhookRoutes(services: ApiServices): readonly Route[] {
  const { events, registry, keys, log, now } = services;

  async function check(signature: NonNullable<BoundWebhook['signature']>, request: FastifyRequest) {
    const { scheme, key, header, tolerance } = signature;
    const secret = key === '' ? undefined : (await secretOf(key))?.value;
    if (secret === undefined) {
      const what = key === '' ? 'names no "signature_key"' : `names the secret "${key}", which cannot be read`;
      log.error(`A rule on the webhook ${request.url.split('?')[0]} ${what}; its calls are refused.`);
      throw new PetrelError('unavailable', 'The signature cannot be checked now.');
    }
    const body = rawBody(request);
    return verifySignature(scheme, { headers: request.headers, body, secret, header, tolerance, now: now() });
  }

  async function secretOf(name: string) {
    try {
      return await keys.get({ name }, { decrypt: true });
    } catch (error) {
      log.error(`The secret "${name}" of a webhook cannot be read: ${messageOf(error)}`);
      return undefined;
    }
  }

  return [
    route({
      method: 'POST',
      path: '/webhooks/st2',
      tag: TAG,
      summary: 'Dispatches any trigger',
      body: injected,
      readsBody: true,
      status: 202,
      answer: z.looseObject({ trigger: z.string(), payload: object }),
      errors: [413],
      async handle({ request }) {
        const body = injected.safeParse(parsedBody(request));
        if (!body.success)
          throw new PetrelError('invalid', `The body must be {trigger, payload}: ${z.prettifyError(body.error)}`);
        const { trigger, payload, parameters, dedupe_key } = body.data;
        const outcome = await dispatchOne(request, events, {
          trigger,
          payload: payload as JsonObject, // z.json() is JSON
          parameters: parameters as JsonObject, // likewise
          ...(dedupe_key !== undefined && { dedupeKey: dedupe_key }),
        });
        return { trigger, payload, ...outcome };
      },
    }),
    route({
      method: 'POST',
      path: '/webhooks/*',
      tag: TAG,
      summary: 'Calls the webhooks that rules are bound to; a signature may stand for the credential',
      body: json,
      readsBody: true,
      status: 202,
      answer: json,
      errors: [413],
      async handle({ request, params }) {
        const url = params['*'] ?? '';
        const bound = webhooksAt(registry.snapshot(), url);
        const isKnown = request.refusal === null;
        // Whoever has neither token nor signature does not learn which webhooks there are.
        if (request.refusal !== null && !bound.some(({ signature }) => signature !== undefined)) throw request.refusal;
        if (bound.length === 0)
          throw new PetrelError('not_found', `Webhook not found: no enabled rule listens on "${url}".`);
        const accepted: { readonly webhook: BoundWebhook; readonly call?: string }[] = [];
        const refused: string[] = [];
        for (const webhook of bound) {
          if (webhook.signature === undefined) {
            if (isKnown) accepted.push({ webhook });
            continue;
          }
          const verdict = await check(webhook.signature, request);
          if (verdict.valid) accepted.push({ webhook, ...(verdict.call !== undefined && { call: verdict.call }) });
          else refused.push(verdict.reason);
        }
        if (accepted.length === 0) {
          throw new PetrelError(
            'unauthorized',
            `The call to this webhook is not signed as it must be: ${refused.join('; ')}.`,
          );
        }
        const body = parsedBody(request);
        const sent: TriggerEvent[] = accepted.map(({ webhook, call }) =>
          webhookEvent(webhook, { headers: request.headers, body }, call),
        );
        const outcomes = await dispatchFrom(request, events, sent);
        const refusal = outcomes.find(({ outcome }) => outcome === 'refused');
        if (refusal?.outcome === 'refused') throw new PetrelError('invalid', refusal.reason);
        return body ?? {};
      },
    }),
  ];
}

function rawBody({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** As StackStorm: a form becomes an object of lists, plain text stays, all else is JSON; an empty body is an empty object. */
function parsedBody(request: FastifyRequest): unknown {
  const text = rawBody(request).toString('utf8');
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (text === '') return {};
  if (type === 'application/x-www-form-urlencoded') {
    const form = new URLSearchParams(text);
    return Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)]));
  }
  if (type === 'text/plain') return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PetrelError('invalid', `The body is not JSON: ${messageOf(error)}`);
  }
}
