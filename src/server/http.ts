import type { createApi, HttpSettings } from '../api/index.ts';
import { PetrelError } from '../model/index.ts';

/** What was asked for, and the rest as it usually is. Throws `PetrelError` (`invalid`) for an origin that is none. */
export function httpSettings(given: Partial<HttpSettings> = {}): HttpSettings {
  const { corsOrigins = [], publicUrl } = given;
  const wrong = corsOrigins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined) {
    throw new PetrelError(
      'invalid',
      `"${wrong}" is no origin whose pages could be let in; write scheme and host, e.g. https://st2web.example.`,
    );
  }
  const secure = publicUrl?.startsWith('https:') === true;
  return { corsOrigins, secureCookies: secure, apiKeyInUrl: 'webhooks', trustProxy: false, ...given };
}

/** Answers the address. Throws `PetrelError` (`unavailable`) when the port is taken. */
export async function listen(api: ReturnType<typeof createApi>['app'], host: string, port: number): Promise<string> {
  try {
    return await api.listen({ host, port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new PetrelError(
        'unavailable',
        `Port ${port} on ${host} is taken. Choose another with --port, or --port 0 for any free one.`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}
