import type { IncomingHttpHeaders } from 'node:http';
import { canonicalJson, type Json, type JsonObject, type TriggerEvent } from '../model/index.ts';
import type { RegistrySnapshot } from '../packs/index.ts';
import { SIGNATURE_SCHEMES, type SignatureScheme } from './signatures.ts';

const WEBHOOK_TRIGGER = 'core.st2.webhook';

/** Headers that say who is calling: no payload holds them, since payloads are stored and shown. */
const PRIVATE_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-auth-token',
  'x-request-token',
  'st2-api-key',
  // GitLab sends its secret itself.
  'x-gitlab-token',
]);

export interface WebhookCall {
  readonly headers: IncomingHttpHeaders;
  /** The parsed body. */
  readonly body: unknown;
}

/**
 * The event that a call is for one of the webhooks bound to its url. As StackStorm, a header `St2-Trace-Tag` becomes the trace tag.
 * `dedupe`: tells the same call when it is sent again.
 */
export function webhookEvent({ parameters }: BoundWebhook, call: WebhookCall, dedupe?: string): TriggerEvent {
  const traceTag = headerText(call.headers['st2-trace-tag']);
  return {
    trigger: WEBHOOK_TRIGGER,
    parameters,
    payload: webhookPayload(call),
    ...(traceTag === undefined ? {} : { traceTag }),
    ...(dedupe === undefined ? {} : { dedupeKey: `${WEBHOOK_TRIGGER}|${canonicalJson(parameters)}|${dedupe}` }),
  };
}

/** The webhooks that a call to /webhooks/URL is for: slashes at both ends count neither in the rule nor in the call. */
export function webhooksAt(snapshot: RegistrySnapshot, url: string): readonly BoundWebhook[] {
  const wanted = trimSlashes(url);
  return boundWebhooks(snapshot).filter((bound) => bound.url === wanted);
}

export interface BoundWebhook {
  /** Without slashes at its ends. */
  readonly url: string;
  readonly parameters: JsonObject;
  /** How the sender proves who it is; absent: by an API key or token. */
  readonly signature?: WebhookSignature;
}

/** Parameters of Petrel's own: `signature`, `signature_key`, `signature_header`, `signature_tolerance`. */
export interface WebhookSignature {
  readonly scheme: SignatureScheme;
  /** The name of the secret in the datastore. Empty when the rule names none; then no call is good. */
  readonly key: string;
  readonly header?: string;
  /** Seconds. */
  readonly tolerance: number;
}

/** Every webhook that an enabled rule listens on, each set of parameters once. */
export function boundWebhooks(snapshot: RegistrySnapshot): readonly BoundWebhook[] {
  const bound = new Map<string, BoundWebhook>();
  for (const { enabled, trigger } of snapshot.rules.values()) {
    const { url } = trigger.parameters;
    if (!enabled || trigger.type !== WEBHOOK_TRIGGER || typeof url !== 'string') continue;
    const key = canonicalJson(trigger.parameters);
    if (!bound.has(key)) {
      const signature = signatureOf(trigger.parameters);
      bound.set(key, { url: trimSlashes(url), parameters: trigger.parameters, ...(signature && { signature }) });
    }
  }
  return [...bound.values()];
}

/** Five minutes, as Slack and Stripe recommend. */
const TOLERANCE = 300;

/** A rule that names a secret and no scheme wants a signature, too: to take its calls unsigned would be a surprise. */
function signatureOf(parameters: JsonObject): WebhookSignature | undefined {
  const { signature, signature_key: key, signature_header: header, signature_tolerance: tolerance } = parameters;
  if ((signature ?? null) === null && (key ?? null) === null) return undefined;
  return {
    scheme: SIGNATURE_SCHEMES.find((scheme) => scheme === signature) ?? 'github',
    key: typeof key === 'string' ? key : '',
    ...(typeof header === 'string' && { header }),
    tolerance: typeof tolerance === 'number' ? tolerance : TOLERANCE,
  };
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
