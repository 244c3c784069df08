import { z } from 'zod';
import type { RunnerType } from '../../executions/index.ts';
import type { JsonObject } from '../../model/index.ts';
import { attributesOf } from '../attributes.ts';
import { notFound } from '../errors.ts';
import { idOf } from '../forms.ts';
import { matching, sendArray } from '../listing.ts';
import { attributeQuery, contentQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import { runnerTypeView } from '../runner-view.ts';
import type { ApiServices } from '../services.ts';
import { runnerType } from '../shapes/content.ts';

const TAG = 'Runner types';

/** /runnertypes. They are Petrel's own; they can be switched on and off. */
export function runnerTypeRoutes({ registry, runnerTypes, content }: ApiServices): readonly Route[] {
  const view = (type: RunnerType): JsonObject =>
    runnerTypeView(type, !registry.snapshot().disabledRunners.has(type.name));
  const find = (nameOrId: string): RunnerType => {
    const found =
      runnerTypes.get(nameOrId) ??
      [...runnerTypes.values()].find(({ name }) => idOf(`runner_type:${name}`) === nameOrId);
    if (found === undefined) throw notFound('RunnerType', nameOrId);
    return found;
  };

  return [
    route({
      method: 'GET',
      path: '/runnertypes',
      tag: TAG,
      summary: 'Lists runner types',
      query: z.object(contentQuery),
      answer: z.array(runnerType),
      handle: ({ query, reply }) => {
        const all = [...runnerTypes.values()].map(view);
        return sendArray(reply, query, matching(all, query, { name: ({ name }) => name, id: ({ id }) => id }), 100);
      },
    }),
    route({
      method: 'GET',
      path: '/runnertypes/:name',
      tag: TAG,
      summary: 'Shows a runner type, by name or id',
      query: z.object(attributeQuery),
      answer: runnerType,
      handle: ({ params, query }) => attributesOf(query).choose(view(find(params.name ?? ''))),
    }),
    route({
      method: 'PUT',
      path: '/runnertypes/:name',
      tag: TAG,
      summary: 'Switches a runner type on or off; nothing else of it changes',
      body: z.looseObject({ enabled: z.boolean() }),
      answer: runnerType,
      async handle({ params, body }) {
        const type = find(params.name ?? '');
        await content.put({ kind: 'enabled', ref: `runner_type:${type.name}`, body: { enabled: body.enabled } });
        return view(type);
      },
    }),
  ];
}
