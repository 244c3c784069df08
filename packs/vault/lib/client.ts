import { type ActionContext, TransientError, z } from 'petrel/sdk';

/** What the functions of this pack need of an action's context. */
export type VaultContext = Pick<ActionContext<unknown>, 'config' | 'signal'>;

const optionalText = z
  .string()
  .nullish()
  .transform((text) => (text === null || text === '' ? undefined : text));

const configSchema = z.object({ url: optionalText, token: optionalText, mount: optionalText, namespace: optionalText });

export interface VaultRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Which face of the KV engine, or the ACL policies or tokens of the server. */
  readonly face: 'data' | 'metadata' | 'policies' | 'tokens';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON. Never repeated in an error. */
  readonly body?: unknown;
  /** What is being done, as the beginning of an error's sentence, e.g. `Reading the secret a/b`. */
  readonly what: string;
}

/**
 * Vault's answer. 404 is an answer: `data` is null when there is nothing, and tells of a deleted version when there is one. So is a token
 * that is not there, which Vault answers with several statuses.
 */
export interface VaultAnswer {
  readonly status: number;
  readonly data: unknown;
  /** Of a new or renewed token. */
  readonly auth: unknown;
}

const PLACES = { policies: ['sys', 'policies', 'acl'], tokens: ['auth', 'token'] } as const;

/** What Vault says of a token, or an accessor, that is not there. A token of our own that is bad is told in other words. */
const NO_TOKEN = /\b(?:bad token|invalid accessor|failed to find accessor entry)\b/;

const answerSchema = z.object({
  data: z.unknown().optional(),
  auth: z.unknown().optional(),
  errors: z.array(z.string()).optional(),
  warnings: z.unknown().optional(),
});

/**
 * Asks Vault. Throws `TransientError` when it cannot be reached, is sealed, in standby or overloaded (5xx, 429); else an error with
 * Vault's own words.
 */
export async function askVault(request: VaultRequest, context: VaultContext): Promise<VaultAnswer> {
  const config = configSchema.parse(context.config);
  const base = (config.url ?? 'http://127.0.0.1:8200').replace(/\/+$/, '');
  const mount = (config.mount ?? 'secret').replace(/^\/+|\/+$/g, '');
  if (config.token === undefined) {
    throw new Error(`${request.what} failed: the configuration of the pack vault has no token.`);
  }
  const query = new URLSearchParams(request.query);
  const isKv = request.face === 'data' || request.face === 'metadata';
  const place = isKv ? [...mount.split('/'), request.face] : PLACES[request.face];
  const path = [...place, ...(request.path === '' ? [] : request.path.split('/'))];
  const url = `${base}/v1/${path.map(encodeURIComponent).join('/')}${query.size === 0 ? '' : `?${query}`}`;
  const { status, text } = await fetchText(url, request, {
    method: request.method,
    signal: context.signal,
    headers: {
      'x-vault-token': config.token,
      'x-vault-request': 'true',
      ...(config.namespace === undefined ? {} : { 'x-vault-namespace': config.namespace }),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const answer = parseAnswer(text);
  const wrongMount = isKv && status === 404 && ((answer.errors ?? []).length > 0 || answer.warnings);
  const isNothing = status === 404 && !wrongMount && (answer.errors ?? []).length === 0;
  if ((status >= 200 && status < 300) || isNothing) {
    return { status, data: answer.data ?? null, auth: answer.auth ?? null };
  }
  if (request.face === 'tokens' && (answer.errors ?? []).some((error) => NO_TOKEN.test(error))) {
    return { status: 404, data: null, auth: null };
  }
  const words = wrongMount
    ? `there is no KV version 2 engine at "${mount}" (${(answer.errors ?? []).join('; ') || 'wrong path'}); see mount in the pack's configuration`
    : (answer.errors ?? []).join('; ').trim() || 'nothing more';
  const sentence = `${request.what} failed: Vault answered HTTP ${status}: ${words}${
    status === 403 ? '. The token is wrong, expired, or its policies do not allow this.' : ''
  }`;
  // 472 and 473 are Vault's own for replicas that cannot serve now.
  const transient = status >= 500 || status === 429 || status === 412 || status === 472 || status === 473;
  throw transient ? new TransientError(sentence) : new Error(sentence);
}

function parseAnswer(text: string): z.output<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch {
    // Empty with 204; something else's page when a proxy answers: then the status says what there is to say.
    return {};
  }
}

async function fetchText(
  url: string,
  request: VaultRequest,
  init: RequestInit,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (init.signal?.aborted === true) throw init.signal.reason;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new TransientError(`${request.what} failed: Vault at ${new URL(url).origin} did not answer (${cause}).`);
  }
}

/** Outages of a few minutes are waited out. Waits double from one second to half a minute. */
export const RETRY = { count: 8, delay: 1, maxDelay: 30 };
