import { type ActionContext, TransientError, z } from 'petrel/sdk';

/** What the functions of this pack need of an action's context. */
export type ConsulContext = Pick<ActionContext<unknown>, 'config' | 'signal'>;

const optionalText = z
  .string()
  .nullish()
  .transform((text) => (text === null || text === '' ? undefined : text));

const configSchema = z.object({ url: optionalText, token: optionalText, datacenter: optionalText });

export interface ConsulRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** Below the agent's URL, already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What is being done, as the beginning of an error's sentence, e.g. `Reading the key a/b`. */
  readonly what: string;
  /** Statuses besides 2xx that are an answer and not an error. */
  readonly accept?: readonly number[];
}

/**
 * Asks Consul. Throws `TransientError` when it cannot be reached, has no leader, or is overloaded (5xx, 429); else an error with
 * Consul's own words.
 */
export async function askConsul(
  request: ConsulRequest,
  context: ConsulContext,
): Promise<{ status: number; text: string }> {
  const config = configSchema.parse(context.config);
  const base = (config.url ?? 'http://127.0.0.1:8500').replace(/\/+$/, '');
  const query = new URLSearchParams({
    ...request.query,
    ...(config.datacenter === undefined ? {} : { dc: config.datacenter }),
  });
  const answer = await fetchText(`${base}${request.path}${query.size === 0 ? '' : `?${query}`}`, request, {
    method: request.method,
    signal: context.signal,
    headers: config.token === undefined ? {} : { 'x-consul-token': config.token },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  const { status, text } = answer;
  if ((status >= 200 && status < 300) || request.accept?.includes(status) === true) return answer;
  const sentence = `${request.what} failed: Consul answered HTTP ${status}: ${text.trim().slice(0, 500) || 'nothing more'}`;
  throw status >= 500 || status === 429 ? new TransientError(sentence) : new Error(sentence);
}

async function fetchText(
  url: string,
  request: ConsulRequest,
  init: RequestInit,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (init.signal?.aborted === true) throw init.signal.reason;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new TransientError(`${request.what} failed: Consul at ${new URL(url).origin} did not answer (${cause}).`);
  }
}

/** Outages of a few minutes are waited out. Waits double from one second to half a minute. */
export const RETRY = { count: 8, delay: 1, maxDelay: 30 };
