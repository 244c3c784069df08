import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type AliasRun, type AliasSpeaker, acknowledge, displaysOf } from '../../executions/index.ts';
import { compilePythonRegex } from '../../expressions/index.ts';
import { type ActionAlias, type Json, type JsonObject, traceOf } from '../../model/index.ts';
import { actionResource, demand, userOf } from '../auth.ts';
import { authoredRoutes } from '../authored-routes.ts';
import { createAuthor } from '../authoring.ts';
import { showExecution } from '../execution-view.ts';
import { matching, sendArray } from '../listing.ts';
import { contentQuery, integer } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { object } from '../shapes/common.ts';
import { aliasBody, alias as aliasShape } from '../shapes/content.ts';
import { execution as executionShape } from '../shapes/executions.ts';
import { aliasView } from '../views.ts';

const TAG = 'Action aliases';

const speaker = {
  user: z.string().nullish(),
  source_channel: z.string().nullish(),
  source_context: z.json().nullish(),
  notification_channel: z.string().nullish(),
  notification_route: z.string().nullish(),
};
const executeBody = z.object({ name: z.string(), format: z.string().nullish(), command: z.string(), ...speaker });
const commandBody = z.object({ command: z.string(), ...speaker });
const run = z.strictObject({
  execution: executionShape,
  actionalias: aliasShape,
  message: z.string().optional(),
  extra: object.optional(),
});
const runs = z.strictObject({ results: z.array(run) });

/** /actionalias and /aliasexecution, as StackStorm's bots and clients ask for them. */
export function aliasRoutes(services: ApiServices): readonly Route[] {
  const { aliases } = services;
  const author = createAuthor<ActionAlias>(services, {
    kind: 'action_alias',
    what: 'ActionAlias',
    items: (snapshot) => snapshot.aliases,
    view: aliasView,
  });
  const by = (name: string) => (item: JsonObject) => item[name];
  return [
    route({
      method: 'GET',
      path: '/actionalias',
      tag: TAG,
      summary: 'Lists action aliases',
      query: z.object(contentQuery),
      answer: z.array(aliasShape),
      handle({ query, reply }) {
        const filters = Object.fromEntries(['id', 'name', 'pack'].map((name) => [name, by(name)]));
        return sendArray(reply, query, matching(author.list(), query, filters), 100);
      },
    }),
    route({
      method: 'GET',
      path: '/actionalias/help',
      tag: TAG,
      summary: 'What can be said in a chat',
      query: z.object({
        filter: z.string().optional().meta({ description: 'A regular expression, whatever the case of letters.' }),
        pack: z.string().optional(),
        limit: integer.default(0).meta({ description: '0: all.' }),
        offset: integer.min(0).default(0),
      }),
      answer: z.strictObject({
        available: z.number(),
        helpstrings: z.array(z.strictObject({ pack: z.string(), display: z.string(), description: z.string() })),
      }),
      handle: ({ query: { filter, pack, limit, offset } }) => helpOf(services, { filter, pack, limit, offset }),
    }),
    route({
      method: 'POST',
      path: '/actionalias/match',
      tag: TAG,
      summary: 'The one alias that a command fits',
      body: commandBody,
      answer: z.strictObject({
        actionalias: aliasShape,
        display: z.string().nullable(),
        representation: z.string(),
      }),
      handle({ body: { command } }) {
        const { alias, display, representation } = aliases.match(command);
        return { actionalias: aliasView(alias), display: display ?? null, representation };
      },
    }),
    ...authoredRoutes(author, {
      path: '/actionalias',
      tag: TAG,
      what: 'an action alias',
      answer: aliasShape,
      body: aliasBody,
    }),
    route({
      method: 'POST',
      path: '/aliasexecution',
      tag: TAG,
      summary: 'Runs the action of an alias with what a command says',
      body: executeBody,
      status: 201,
      answer: z.union([run, runs]),
      errors: [404],
      async handle({ body, request }) {
        const { name, format, command, ...rest } = body;
        const started = await aliases.execute({ name, format: format ?? '', command }, speakerOf(rest, request));
        tellTrace(request, started);
        const results = await Promise.all(started.map((one) => resultOf(one, services)));
        // A format that matches several times answers a list, as match_and_execute does.
        return results.length === 1 ? results[0] : { results };
      },
    }),
    route({
      method: 'POST',
      path: '/aliasexecution/match_and_execute',
      tag: TAG,
      summary: 'Runs the action of the alias that a command fits',
      body: commandBody,
      status: 201,
      answer: runs,
      async handle({ body: { command, ...rest }, request }) {
        const started = await aliases.matchAndExecute(command, speakerOf(rest, request));
        tellTrace(request, started);
        return { results: await Promise.all(started.map((one) => resultOf(one, services))) };
      },
    }),
  ];
}

/** Which action an alias runs comes out only when it is found: whether the user may run it is asked then. */
function speakerOf(body: Omit<z.output<typeof commandBody>, 'command'>, request: FastifyRequest): AliasSpeaker {
  const channel = body.notification_route ?? body.notification_channel ?? undefined;
  return {
    user: userOf(request),
    ...(request.traceContext && { traceContext: request.traceContext }),
    permit: (actionRef) => demand(request, 'action_execute', actionResource(actionRef)),
    ...(typeof body.user === 'string' && { chatUser: body.user }),
    ...(typeof body.source_channel === 'string' && { sourceChannel: body.source_channel }),
    ...(body.source_context !== undefined && { sourceContext: body.source_context as Json }), // z.json() is JSON
    ...(channel !== undefined && { route: channel }),
  };
}

function tellTrace(request: FastifyRequest, [first]: readonly AliasRun[]): void {
  if (first !== undefined) request.traceId = traceOf(first.execution).id;
}

/** One started execution as a bot is told of it. */
export async function resultOf({ execution, alias }: AliasRun, services: ApiServices): Promise<JsonObject> {
  const result = { execution: await showExecution(execution, services), actionalias: aliasView(alias) };
  return { ...result, ...(services.masker.maskJson({ ...acknowledge(alias, result, services) }) as JsonObject) }; // an object stays one
}

interface HelpQuery {
  readonly filter: string | undefined;
  readonly pack: string | undefined;
  /** 0: no limit. */
  readonly limit: number;
  readonly offset: number;
}

/** What can be said: one line for each format that is displayed. Throws `PetrelError` (`invalid`) for a filter that is no expression. */
export function helpOf(
  { registry }: Pick<ApiServices, 'registry'>,
  { filter, pack, limit, offset }: HelpQuery,
): JsonObject {
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
