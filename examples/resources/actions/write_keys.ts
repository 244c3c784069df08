import { defineAction, z } from 'petrel/sdk';
import { OWNER, ROOT, read, send } from '../lib.ts';

export default defineAction({
  description: 'Makes a folder hold exactly these keys. Running it again changes nothing.',
  input: z.object({ prefix: z.string(), tag: z.string(), data: z.record(z.string(), z.string()) }),
  output: z.object({ outputs: z.object({ path: z.string() }) }),
  async run(context) {
    const { prefix, tag, data } = context.input;
    const folder = `${ROOT}${prefix}/`;
    const before = await read(context, folder);
    const owner = before.get(OWNER);
    if (owner !== undefined && owner !== tag) throw new Error(`The folder ${folder} belongs to ${owner}.`);
    // The owner goes first: a folder that is half written is known to be ours.
    await send(context, 'PUT', folder + OWNER, tag);
    for (const [key, value] of Object.entries(data)) await send(context, 'PUT', folder + key, value);
    for (const key of before.keys()) {
      if (key !== OWNER && !Object.hasOwn(data, key)) await send(context, 'DELETE', folder + key);
    }
    return { outputs: { path: folder } };
  },
});
