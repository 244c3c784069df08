import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import { authenticate } from './auth.ts';
import { errorHandler } from './errors.ts';
import { aliasRoutes } from './routes/aliases.ts';
import { contentRoutes } from './routes/content.ts';
import { eventRoutes } from './routes/events.ts';
import { executionRoutes } from './routes/executions.ts';
import { inquiryRoutes } from './routes/inquiries.ts';
import { keyRoutes } from './routes/keys.ts';
import { packRoutes } from './routes/packs.ts';
import { resourceRoutes } from './routes/resources.ts';
import { sensorRoutes } from './routes/sensors.ts';
import { triggerRoutes } from './routes/triggers.ts';
import { userRoutes } from './routes/user.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import type { ApiServices } from './services.ts';

/** Webhooks may carry a large push event; more than this is refused with 413. Bytes. */
const BODY_LIMIT = 10 * 1024 * 1024;

/** Builds the HTTP surface; the caller makes it listen. */
export function createApi(services: ApiServices): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: (request) => headerText(request.headers['x-request-id']) ?? randomUUID(),
  });
  app.setErrorHandler(errorHandler(services));
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ faultstring: `There is no route ${request.method} ${request.url.split('?')[0]}.` });
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('X-Request-ID', request.id);
  });
  acceptBodies(app);

  app.get('/healthz', async (_, reply) => {
    const problems = await services.health();
    return reply
      .code(problems.length === 0 ? 200 : 503)
      .send({ status: problems.length === 0 ? 'ok' : 'failing', problems });
  });

  // In Prometheus' text format; who scrapes it sends the token as `Authorization: Bearer`.
  app.get('/metrics', async (request, reply) => {
    authenticate(request, services);
    return reply.type(services.metrics.contentType).send(await services.metrics.metrics());
  });

  for (const prefix of ['/api/v1', '/v1']) {
    app.register(
      async (api) => {
        api.addHook('onRequest', async (request) => {
          authenticate(request, services);
        });
        api.get('/', async () => ({ version: services.version }));
        executionRoutes(api, services);
        inquiryRoutes(api, services);
        aliasRoutes(api, services);
        packRoutes(api, services);
        contentRoutes(api, services);
        eventRoutes(api, services);
        keyRoutes(api, services);
        userRoutes(api);
        resourceRoutes(api, services);
        triggerRoutes(api, services);
        sensorRoutes(api, services);
      },
      { prefix },
    );
    app.register(async (api) => webhookRoutes(api, services), { prefix });
  }
  return app;
}

/** An empty JSON body counts as an empty object, and forms become objects of lists (stackstorm-api.md section 1). */
function acceptBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    if (body === '') return done(null, {});
    try {
      done(null, JSON.parse(String(body)));
    } catch (error) {
      done(Object.assign(new Error(`The body is not JSON: ${(error as Error).message}`), { statusCode: 400 })); // JSON.parse throws Errors
    }
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) => {
    const form = new URLSearchParams(String(body));
    done(null, Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)])));
  });
}

function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined;
}
