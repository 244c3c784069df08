import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { PetrelError } from '../model/index.ts';
import { guardRoutes } from './auth.ts';
import { keepAudit } from './auth-audit.ts';
import { addHeaders } from './auth-headers.ts';
import { errorHandler } from './errors.ts';
import { createOpenApi, type RouteGroup } from './openapi.ts';
import { API, AUTH, canonicalUrl, STREAM } from './paths.ts';
import { logRequests } from './request-log.ts';
import { registerRoutes } from './route.ts';
import { authRoutes } from './routes/auth.ts';
import { apiRoutes } from './routes/index.ts';
import { streamRoutes } from './routes/stream.ts';
import { readBytes, webhookRoutes } from './routes/webhooks.ts';
import type { ApiServices } from './services.ts';
import { createHub } from './stream/hub.ts';

/** Webhooks may carry a large push event; more than this is refused with 413. Bytes. */
const BODY_LIMIT = 10 * 1024 * 1024;
/** Milliseconds that requests under way are given when the server stops. */
const FAREWELL = 2000;
/** Of a reference or the name of a key in a path, characters. */
const LONGEST_PARAMETER = 1000;

/** Builds the HTTP surface; the caller makes it listen. `routes`: the keys of all of them, as in the table of permissions. */
export function createApi(services: ApiServices): {
  readonly app: FastifyInstance;
  readonly routes: readonly string[];
} {
  const collections = new Set<string>();
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    // The nearest one alone: what comes before its own entry anybody can have written.
    trustProxy: services.http.trustProxy ? (_, hop) => hop === 0 : false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_PARAMETER },
    rewriteUrl: ({ url = '/' }) => canonicalUrl(url, collections),
    // An address that is none, such as one with a broken escape.
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      void reply.code(error.statusCode ?? 400).send({ faultstring: error.message });
    },
    genReqId: (request) => headerText(request.headers['x-request-id']) ?? randomUUID(),
  });
  app.setErrorHandler(errorHandler(services));
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ faultstring: `There is no route ${request.method} ${request.originalUrl.split('?')[0]}.` });
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('X-Request-ID', request.id);
  });
  acceptBodies(app);
  logRequests(app, services);
  addHeaders(app, services.http);
  const routes = guardRoutes(app, services);
  keepAudit(app, services);

  for (const [path, look] of [
    ['/healthz', services.health],
    ['/readyz', services.readiness],
  ] as const) {
    app.get(path, async (_, reply) => {
      const problems = await look();
      const well = problems.length === 0;
      return reply.code(well ? 200 : 503).send({ status: well ? 'ok' : 'failing', problems });
    });
  }

  // In Prometheus' text format; who scrapes it sends the token as `Authorization: Bearer`.
  app.get('/metrics', async (_, reply) => {
    return reply.type(services.metrics.contentType).send(await services.metrics.metrics());
  });

  const hub = createHub(services);
  app.addHook('preClose', async () => {
    hub.close();
    // A connection over which nothing was asked yet, as browsers open them beforehand, would hold up the end for a minute.
    setTimeout(() => app.server.closeAllConnections(), FAREWELL).unref();
  });
  // Their totals are counted before anybody waits for them: the lists that everybody opens first.
  app.addHook('onReady', async () => {
    for (const filter of [{}, { parentId: null }]) {
      services.store.listExecutions(filter, { limit: 1, offset: 0 }).catch(() => undefined); // who lists them hears of it
    }
  });
  const groups: readonly RouteGroup[] = [
    { prefix: API, routes: apiRoutes(services) },
    { prefix: STREAM, routes: streamRoutes(services, hub) },
  ];
  app.addHook('onRoute', ({ url }) => {
    const [, first = ''] = url.startsWith(`${API}/`) ? url.slice(API.length).split('/') : [];
    if (first !== '') collections.add(first);
  });
  for (const { prefix, routes } of groups) {
    app.register(
      async (api) => {
        api.addHook('onRequest', async (request) => {
          if (request.url.includes('%00')) throw new PetrelError('invalid', 'The address holds a NUL character.');
        });
        registerRoutes(api, routes);
        if (prefix === API) api.get('/', async () => ({ version: services.version, docs_url: '/openapi.json' }));
      },
      { prefix },
    );
  }
  const webhooks = webhookRoutes(services);
  app.register(
    async (api) => {
      readBytes(api);
      registerRoutes(api, webhooks);
    },
    { prefix: API },
  );
  const signingIn = authRoutes(services);
  for (const prefix of [AUTH, '/auth', API]) {
    app.register(async (api) => registerRoutes(api, signingIn), { prefix });
  }
  const document = createOpenApi(
    [...groups, { prefix: API, routes: webhooks }, { prefix: AUTH, routes: signingIn }],
    services.version,
  );
  app.get('/openapi.json', async () => document);
  return { app, routes };
}

/** An empty JSON body counts as an empty object, and forms become objects of lists (stackstorm-api.md section 1). */
function acceptBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  type Done = (error: Error | null, body?: unknown) => void;
  const readJson = (body: string | Buffer, done: Done) => {
    if (body.length === 0) return done(null, {});
    try {
      done(null, JSON.parse(String(body)));
    } catch (error) {
      done(Object.assign(new Error(`The body is not JSON: ${(error as Error).message}`), { statusCode: 400 })); // JSON.parse throws Errors
    }
  };
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => readJson(body, done));
  // What does not say what it is, is JSON, as to StackStorm; its command line deletes with such a body.
  app.addContentTypeParser('*', { parseAs: 'string' }, ({ headers }, body, done) => {
    if (headers['content-type'] === undefined) return readJson(body, done);
    done(Object.assign(new Error(`Unsupported Content-Type: ${headers['content-type']}.`), { statusCode: 415 }));
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) => {
    const form = new URLSearchParams(String(body));
    done(null, Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)])));
  });
}

function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined;
}
