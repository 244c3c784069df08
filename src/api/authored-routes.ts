import { z } from 'zod';
import { attributesOf } from './attributes.ts';
import type { Author, Body } from './authoring.ts';
import { attributeQuery } from './query.ts';
import { type Route, route } from './route.ts';

interface AuthoredRoutes {
  /** `/rules` */
  readonly path: string;
  readonly tag: string;
  /** In summaries: `a rule`. */
  readonly what: string;
  readonly answer: z.ZodType;
  readonly body: z.ZodType<Body>;
}

/** What is the same for everything that is made through the API: POST, and GET, PUT and DELETE of one by reference or id. */
export function authoredRoutes(author: Author, { path, tag, what, answer, body }: AuthoredRoutes): readonly Route[] {
  return [
    route({
      method: 'POST',
      path,
      tag,
      summary: `Creates ${what}`,
      body,
      status: 201,
      answer,
      errors: [409],
      handle: ({ body: given }) => author.create(given),
    }),
    route({
      method: 'GET',
      path: `${path}/:ref`,
      tag,
      summary: `Shows ${what}`,
      query: z.object(attributeQuery),
      answer,
      handle: async ({ params, query }) => attributesOf(query).choose(await author.find(params.ref ?? '')),
    }),
    route({
      method: 'PUT',
      path: `${path}/:ref`,
      tag,
      summary: `Replaces ${what}; one that a pack's file defines can only be switched on and off`,
      body,
      answer,
      errors: [409],
      handle: ({ params, body: given }) => author.replace(params.ref ?? '', given),
    }),
    route({
      method: 'DELETE',
      path: `${path}/:ref`,
      tag,
      summary: `Deletes ${what}`,
      status: 204,
      errors: [409],
      handle: ({ params }) => author.remove(params.ref ?? ''),
    }),
  ];
}
