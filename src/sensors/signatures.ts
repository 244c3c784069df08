import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * How senders of webhooks prove who they are, beside StackStorm's API key:
 *
 * - `github`: `X-Hub-Signature-256`, HMAC-SHA256 of the body (GitHub, Bitbucket, Gitea and others that follow it).
 * - `gitlab`: `X-Gitlab-Token`, the secret itself.
 * - `slack`: `X-Slack-Signature` over a time stamp and the body.
 * - `stripe`: `Stripe-Signature`, likewise.
 * - `standard`: `Webhook-Signature` over id, time stamp and body, as standardwebhooks.com says (Svix and many others).
 * - `hmac`: HMAC-SHA256 of the body in a header of any name, in hexadecimal or base64, with or without `sha256=` in front (Shopify, ...).
 */
export const SIGNATURE_SCHEMES = ['github', 'gitlab', 'slack', 'stripe', 'standard', 'hmac'] as const;
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number];

export interface SignedCall {
  readonly headers: IncomingHttpHeaders;
  /** The bytes that were sent. */
  readonly body: Buffer;
  readonly secret: string;
  /** Of `hmac`: the header's name. */
  readonly header?: string | undefined;
  /** Seconds that a time stamp may be away from now. */
  readonly tolerance: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

export type Verdict =
  /** `call`: the same for the same call sent again, where the scheme allows to tell. */
  { readonly valid: true; readonly call?: string } | { readonly valid: false; readonly reason: string };

/** Whether a call was signed with the secret. Compares in constant time; the reason never holds what would have been right. */
export function verifySignature(scheme: SignatureScheme, call: SignedCall): Verdict {
  if (call.secret === '') return invalid('the secret is empty');
  switch (scheme) {
    case 'github':
      return byHeader(call, 'x-hub-signature-256');
    case 'hmac':
      return call.header === undefined ? invalid('no "signature_header" is named') : byHeader(call, call.header);
    case 'gitlab': {
      const token = headerOf(call, 'x-gitlab-token');
      if (token === undefined) return missing('x-gitlab-token');
      return sameText(token, call.secret) ? { valid: true } : invalid('the token is another one');
    }
    case 'slack': {
      const [time, signature] = [headerOf(call, 'x-slack-request-timestamp'), headerOf(call, 'x-slack-signature')];
      if (time === undefined) return missing('x-slack-request-timestamp');
      if (signature === undefined) return missing('x-slack-signature');
      return stamped(call, time, `v0:${time}:`, [signature.replace(/^v0=/, '')]);
    }
    case 'stripe': {
      const text = headerOf(call, 'stripe-signature');
      if (text === undefined) return missing('stripe-signature');
      const fields = text.split(',').map((field) => field.trim().split('=', 2));
      const time = fields.find(([name]) => name === 't')?.[1] ?? '';
      const signatures = fields.flatMap(([name, value]) => (name === 'v1' && value !== undefined ? [value] : []));
      return stamped(call, time, `${time}.`, signatures);
    }
    case 'standard':
      return standard(call);
  }
}

/** https://www.standardwebhooks.com: a secret of `whsec_` and base64, several signatures while secrets are exchanged. */
function standard(call: SignedCall): Verdict {
  const id = headerOf(call, 'webhook-id') ?? headerOf(call, 'svix-id');
  const time = headerOf(call, 'webhook-timestamp') ?? headerOf(call, 'svix-timestamp');
  const text = headerOf(call, 'webhook-signature') ?? headerOf(call, 'svix-signature');
  if (id === undefined) return missing('webhook-id');
  if (time === undefined) return missing('webhook-timestamp');
  if (text === undefined) return missing('webhook-signature');
  const secret = Buffer.from(call.secret.replace(/^whsec_/, ''), 'base64');
  if (secret.length === 0) return invalid('the secret is no base64');
  const late = staleness(call, time);
  if (late !== undefined) return invalid(late);
  const expected = createHmac('sha256', secret).update(`${id}.${time}.`).update(call.body).digest();
  const given = text.split(' ').flatMap((part) => (part.startsWith('v1,') ? [part.slice(3)] : []));
  if (!given.some((signature) => sameBytes(Buffer.from(signature, 'base64'), expected))) return invalid(WRONG);
  // A sender that tries again sends the same id.
  return { valid: true, call: digest(id) };
}

const WRONG = 'the signature does not fit the body and the secret';

function byHeader(call: SignedCall, header: string): Verdict {
  const text = headerOf(call, header.toLowerCase());
  if (text === undefined) return missing(header);
  const expected = createHmac('sha256', call.secret).update(call.body).digest();
  return fits(text.trim().replace(/^sha256=/i, ''), expected) ? { valid: true } : invalid(WRONG);
}

function stamped(call: SignedCall, time: string, prefix: string, signatures: readonly string[]): Verdict {
  const late = staleness(call, time);
  if (late !== undefined) return invalid(late);
  const expected = createHmac('sha256', call.secret).update(prefix).update(call.body).digest();
  if (!signatures.some((signature) => fits(signature, expected))) return invalid(WRONG);
  // Within its time a call that was overheard could be sent again; it is taken once.
  return { valid: true, call: digest(expected) };
}

function staleness({ now, tolerance }: SignedCall, time: string): string | undefined {
  if (!/^\d{1,12}$/.test(time)) return 'the time stamp is no number of seconds';
  const away = Math.abs(now / 1000 - Number(time));
  return away > tolerance ? `the time stamp is ${Math.round(away)} seconds away from now` : undefined;
}

function fits(text: string, expected: Buffer): boolean {
  const encoding = /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64';
  return sameBytes(Buffer.from(text, encoding), expected);
}

function sameBytes(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** In constant time whatever the lengths. */
function sameText(given: string, expected: string): boolean {
  const bytes = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(bytes(given), bytes(expected));
}

function digest(value: string | Buffer): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 32);
}

function headerOf({ headers }: SignedCall, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function missing(header: string): Verdict {
  return invalid(`it has no header ${header}`);
}

function invalid(reason: string): Verdict {
  return { valid: false, reason };
}
