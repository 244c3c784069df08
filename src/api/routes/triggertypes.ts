import { z } from 'zod';
import type { TriggerType } from '../../model/index.ts';
import { authoredRoutes } from '../authored-routes.ts';
import { createAuthor } from '../authoring.ts';
import { matching, sendArray } from '../listing.ts';
import { contentQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { triggerType, triggerTypeBody } from '../shapes/content.ts';
import { triggerTypeView } from '../views.ts';

const TAG = 'Trigger types';

/** /triggertypes. */
export function triggerTypeRoutes(services: ApiServices): readonly Route[] {
  const author = createAuthor<TriggerType>(services, {
    kind: 'trigger_type',
    what: 'TriggerType',
    items: ({ triggerTypes }) => triggerTypes,
    view: triggerTypeView,
  });
  return [
    route({
      method: 'GET',
      path: '/triggertypes',
      tag: TAG,
      summary: 'Lists trigger types',
      query: z.object(contentQuery),
      answer: z.array(triggerType),
      handle: ({ query, reply }) => {
        const by = {
          id: (item: { id?: unknown }) => item.id,
          name: (item: { name?: unknown }) => item.name,
          pack: (item: { pack?: unknown }) => item.pack,
        };
        return sendArray(reply, query, matching(author.list(), query, by), 100);
      },
    }),
    ...authoredRoutes(author, {
      path: '/triggertypes',
      tag: TAG,
      what: 'a trigger type',
      answer: triggerType,
      body: triggerTypeBody,
    }),
  ];
}
