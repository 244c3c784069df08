import { defineAction, z } from 'petrel/sdk';
import { ROOT, send } from '../lib.ts';

export default defineAction({
  description: 'Deletes a folder of keys. One that is not there is no error.',
  input: z.object({ prefix: z.string(), tag: z.string(), policy: z.string() }),
  output: z.object({}),
  async run(context) {
    await send(context, 'DELETE', `${ROOT}${context.input.prefix}/?recurse=true`);
    return {};
  },
});
