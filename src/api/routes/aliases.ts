import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type AliasRun, type AliasSpeaker, acknowledge, displaysOf } from '../../executions/index.ts';
import { compilePythonRegex } from '../../expressions/index.ts';
import type { Json, JsonObject } from '../../model/index.ts';
import { PetrelError } from '../../model/index.ts';
import { ADMIN } from '../auth.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import { parsed } from '../parsed.ts';
import type { ApiServices } from '../services.ts';
import { aliasView, executionView } from '../views.ts';

const speaker = {
  user: z.string().nullish(),
  source_channel: z.string().nullish(),
  source_context: z.json().nullish(),
  notification_channel: z.string().nullish(),
  notification_route: z.string().nullish(),
};

const executeBody = z.object({ name: z.string(), format: z.string().nullish(), command: z.string(), ...speaker });
const commandBody = z.object({ command: z.string(), ...speaker });

/** /actionalias and /aliasexecution, as StackStorm's bots ask for them. Aliases live in files, so they are only read here. */
export function aliasRoutes(api: FastifyInstance, services: ApiServices): void {
  const { registry, aliases } = services;

  api.get('/actionalias', async (request, reply) => {
    const { name, pack } = request.query as Record<string, string | undefined>; // fastify's query object
    const wanted = [...registry.snapshot().aliases.values()]
      .filter((alias) => (name === undefined || alias.name === name) && (pack === undefined || alias.pack === pack))
      .map(aliasView);
    return sendArray(reply, request.query, wanted);
  });

  api.get('/actionalias/help', async (request) => {
    const { filter, pack, limit = '0', offset = '0' } = request.query as Record<string, string | undefined>; // as above
    return helpOf(services, { filter, pack, limit: Number(limit), offset: Number(offset) });
  });

  api.post('/actionalias/match', async (request) => {
    const { command } = parsed(commandBody, request.body);
    const { alias, display, representation } = aliases.match(command);
    return { actionalias: aliasView(alias), display: display ?? null, representation };
  });

  api.get<{ Params: { ref: string } }>('/actionalias/:ref', async (request) => {
    const { ref } = request.params;
    const all = [...registry.snapshot().aliases.values()].map(aliasView);
    const found = all.find((alias) => alias.ref === ref || alias.id === ref);
    if (found === undefined) throw notFound('ActionAlias', ref);
    return found;
  });

  api.post('/aliasexecution', async (request, reply) => {
    const { name, format, command, ...rest } = parsed(executeBody, request.body);
    const runs = await aliases.execute({ name, format: format ?? '', command }, speakerOf(rest));
    const results = runs.map((run) => resultOf(run, services));
    // A format that matches several times answers a list, as match_and_execute does.
    return reply.code(201).send(results.length === 1 ? results[0] : { results });
  });

  api.post('/aliasexecution/match_and_execute', async (request, reply) => {
    const { command, ...rest } = parsed(commandBody, request.body);
    const runs = await aliases.matchAndExecute(command, speakerOf(rest));
    return reply.code(201).send({ results: runs.map((run) => resultOf(run, services)) });
  });
}

function speakerOf(body: Omit<z.output<typeof commandBody>, 'command'>): AliasSpeaker {
  const route = body.notification_route ?? body.notification_channel ?? undefined;
  return {
    user: ADMIN,
    ...(typeof body.user === 'string' && { chatUser: body.user }),
    ...(typeof body.source_channel === 'string' && { sourceChannel: body.source_channel }),
    ...(body.source_context !== undefined && { sourceContext: body.source_context as Json }), // z.json() is JSON
    ...(route !== undefined && { route }),
  };
}

/** One started execution as a bot is told of it. */
export function resultOf({ execution, alias }: AliasRun, services: ApiServices): JsonObject {
  const result = { execution: executionView(execution, undefined, services), actionalias: aliasView(alias) };
  return { ...result, ...(services.masker.maskJson({ ...acknowledge(alias, result, services) }) as JsonObject) }; // an object stays one
}

interface HelpQuery {
  readonly filter: string | undefined;
  readonly pack: string | undefined;
  /** 0: no limit. */
  readonly limit: number;
  readonly offset: number;
}

/** What can be said: one line for each format that is displayed. */
export function helpOf(
  { registry }: Pick<ApiServices, 'registry'>,
  { filter, pack, limit, offset }: HelpQuery,
): JsonObject {
  if (!(Number.isInteger(limit) && Number.isInteger(offset) && offset >= 0)) {
    throw new PetrelError('invalid', 'limit and offset must be integers, offset not below 0.');
  }
  const expression = compilePythonRegex(filter ?? '', { ignoreCase: true });
  const lines = [...registry.snapshot().aliases.values()]
    .filter((alias) => alias.enabled && (pack === undefined || alias.pack === pack))
    .flatMap((alias) =>
      displaysOf(alias)
        .filter((display) => display !== '' && expression.search(display) !== undefined)
        .map((display) => ({ pack: alias.pack, display, description: alias.description ?? '' })),
    );
  return { available: lines.length, helpstrings: lines.slice(offset, limit > 0 ? offset + limit : undefined) };
}
