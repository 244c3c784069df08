import type { RDSClient } from '@aws-sdk/client-rds';
import { type ActionContext, TransientError, z } from 'petrel/sdk';

/** What the functions of this pack need of an action's context. */
export type AwsContext = Pick<ActionContext<unknown>, 'config' | 'datastore' | 'logger' | 'signal'>;

const optionalText = z
  .string()
  .nullish()
  .transform((text) => (text === null || text === '' ? undefined : text));

const configSchema = z.object({
  endpoint: optionalText,
  region: optionalText,
  access_key_id: optionalText,
  secret_access_key: optionalText,
  session_token: optionalText,
  consistency_seconds: z.number().positive().nullish(),
});

/** Seconds within which RDS is trusted to describe what it has created. */
export function consistencySeconds({ config }: AwsContext): number {
  return configSchema.parse(config).consistency_seconds ?? 60;
}

/** Runs `use` with a client made from the pack's configuration and closes its connections afterwards. */
export async function withRds<T>(context: AwsContext, use: (rds: RDSClient) => Promise<T>): Promise<T> {
  const config = configSchema.parse(context.config);
  if (config.access_key_id !== undefined && config.secret_access_key === undefined) {
    throw new Error(
      'The configuration of the pack aws has access_key_id without secret_access_key: give both or neither.',
    );
  }
  // The SDK is large; loading it only when an action runs keeps Petrel's start fast.
  const { RDSClient } = await import('@aws-sdk/client-rds');
  // Its version is pinned, so its announcement of what newer ones will ask of Node says nothing to whoever reads the log.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const rds = new RDSClient({
    region: config.region ?? 'us-east-1',
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    ...(config.access_key_id === undefined || config.secret_access_key === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: config.access_key_id,
            secretAccessKey: config.secret_access_key,
            ...(config.session_token === undefined ? {} : { sessionToken: config.session_token }),
          },
        }),
    // Waiting out an outage is the engine's job (the actions' `retry`), where it is visible and survives a restart.
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 30_000 },
  });
  try {
    return await use(rds);
  } finally {
    rds.destroy();
  }
}

/** What AWS's SDK throws: an answer of the service with its code and status, or a failure to get one. */
const thrownSchema = z.object({
  name: z.string(),
  message: z.string(),
  code: z.string().optional(),
  $metadata: z.object({ httpStatusCode: z.number().optional() }).optional(),
  $retryable: z.unknown().optional(),
});

const THROTTLED = /throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded/i;
const NO_ANSWER = /^(ECONN|EPIPE|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)/;

/** The AWS error code, without the `Fault` that some carry in the SDK and not on the wire; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  const thrown = thrownSchema.safeParse(error);
  return thrown.success && thrown.data.$metadata?.httpStatusCode !== undefined
    ? thrown.data.name.replace(/Fault$/, '')
    : undefined;
}

/**
 * Rethrows what the SDK threw while doing `what`: as `TransientError` when trying again may help (5xx, throttling, no connection),
 * else as an error with AWS's code and words. Values in `secrets` never appear in it.
 */
export function rethrow(error: unknown, what: string, context: AwsContext, secrets: readonly string[] = []): never {
  throw failureOf(error, what, context, secrets);
}

/** The error that `rethrow` throws. */
export function failureOf(error: unknown, what: string, context: AwsContext, secrets: readonly string[] = []): unknown {
  if (context.signal.aborted) return context.signal.reason;
  const thrown = thrownSchema.safeParse(error);
  if (!thrown.success) return error;
  const { name, message, code, $metadata, $retryable } = thrown.data;
  const status = $metadata?.httpStatusCode;
  const words = secrets
    .filter((secret) => secret !== '')
    .reduce((text, secret) => text.replaceAll(secret, '********'), message);
  if (status === undefined) {
    const unanswered = name === 'TimeoutError' || NO_ANSWER.test(code ?? '') || $retryable !== undefined;
    const text = `${what} failed: no answer from RDS (${words || code || name}).`;
    return unanswered ? new TransientError(text) : new Error(`${what} failed: ${words}`);
  }
  const text = `${what} failed: RDS answered ${codeOf(error)} (HTTP ${status}): ${words}`;
  return status >= 500 || status === 429 || THROTTLED.test(name) ? new TransientError(text) : new Error(text);
}
