import type { IncomingHttpHeaders } from 'node:http';
import { canonicalJson, type Json, type JsonObject, type TriggerEvent } from '../model/index.ts';
import type { RegistrySnapshot } from '../packs/index.ts';

const WEBHOOK_TRIGGER = 'core.st2.webhook';

/** Headers that say who is calling: no payload holds them, since payloads are stored and shown. */
const PRIVATE_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-auth-token',
  'x-request-token',
  'st2-api-key',
]);

export interface WebhookCall {
  readonly headers: IncomingHttpHeaders;
  /** The parsed body. */
  readonly body: unknown;
}

/**
 * The events of a call to /webhooks/URL: one per distinct trigger that enabled rules bind to this url, none when no rule does.
 * As StackStorm: slashes at both ends count neither in the rule nor in the call, a header `St2-Trace-Tag` becomes the trace tag, and
 * every trigger with that url fires.
 */
export function webhookTriggers(snapshot: RegistrySnapshot, url: string, call: WebhookCall): readonly TriggerEvent[] {
  const wanted = trimSlashes(url);
  const traceTag = headerText(call.headers['st2-trace-tag']);
  const payload = webhookPayload(call);
  return boundWebhooks(snapshot)
    .filter((bound) => bound.url === wanted)
    .map(({ parameters }) => ({
      trigger: WEBHOOK_TRIGGER,
      parameters,
      payload,
      ...(traceTag === undefined ? {} : { traceTag }),
    }));
}

export interface BoundWebhook {
  /** Without slashes at its ends. */
  readonly url: string;
  readonly parameters: JsonObject;
}

/** Every webhook that an enabled rule listens on, each set of parameters once. */
export function boundWebhooks(snapshot: RegistrySnapshot): readonly BoundWebhook[] {
  const bound = new Map<string, BoundWebhook>();
  for (const { enabled, trigger } of snapshot.rules.values()) {
    const { url } = trigger.parameters;
    if (!enabled || trigger.type !== WEBHOOK_TRIGGER || typeof url !== 'string') continue;
    const key = canonicalJson(trigger.parameters);
    if (!bound.has(key)) bound.set(key, { url: trimSlashes(url), parameters: trigger.parameters });
  }
  return [...bound.values()];
}

/** `headers` has names as in `X-Github-Event`, `headers_lower` in small letters. */
function webhookPayload({ headers, body }: WebhookCall): JsonObject {
  const shown = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    const text = headerText(value);
    return text === undefined || PRIVATE_HEADERS.has(name.toLowerCase()) ? [] : [[name, text]];
  });
  return {
    headers: Object.fromEntries(shown.map(([name, text]) => [titleCase(name), text])),
    headers_lower: Object.fromEntries(shown.map(([name, text]) => [name.toLowerCase(), text])),
    body: asJson(body),
  };
}

/** Node hands over header names in small letters; StackStorm's WSGI shows them in title case. */
function titleCase(name: string): string {
  return name
    .split('-')
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1).toLowerCase()}`)
    .join('-');
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}

/** An empty body counts as an empty object. */
function asJson(body: unknown): Json {
  return (body ?? {}) as Json; // the API parsed it from JSON or a form
}

function trimSlashes(url: string): string {
  return url.replace(/^\/+|\/+$/g, '');
}
