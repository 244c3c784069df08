import { defineAction, z } from 'petrel/sdk';
import { ensureDatabase } from '../lib/server/ensure.ts';
import { withServer } from '../lib/server/open.ts';
import { engineParameter, ownerParameter, RETRY, serverParameter } from '../lib/server/parameters.ts';

export default defineAction({
  description:
    'Makes sure that an owner has a database and a user on an existing server. Another rotation makes another user, which becomes the current one; the former goes with server_retire.',
  retry: RETRY,
  input: z.object({
    owner: ownerParameter,
    engine: engineParameter,
    server: serverParameter,
    rotation: z.string().default('').describe('Any text; a change of it changes the credentials.'),
    previous_rotation: z
      .string()
      .nullish()
      .describe('Which one was in effect. The server itself keeps it, so this is not needed here.'),
    overlap: z.number().int().min(0).default(3600).describe('Seconds that former credentials go on working.'),
  }),
  output: z.object({
    host: z.string(),
    port: z.number(),
    database: z.string(),
    username: z.string(),
    password_key: z.string().describe('The datastore key that holds the password, encrypted.'),
    engine_version: z.string(),
    rotation: z.string(),
    retiring: z.string().nullable().describe('The former user, if it still works: call server_retire.'),
  }),
  async run(context) {
    const { owner, engine, server, rotation, overlap } = context.input;
    const what = `Making the database of ${owner.name}`;
    const ensured = await withServer({ engine, server, what }, context, (adapter) =>
      ensureDatabase({ owner, rotation, overlap }, adapter, context.datastore),
    );
    return { host: server.host, port: server.port, ...ensured };
  },
});
