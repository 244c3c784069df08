import { defineAction, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';
import { folderParameter } from '../lib/paths.ts';

const listSchema = z.object({ keys: z.array(z.string()) });

export default defineAction({
  description: 'Lists the names of the secrets in a folder; names that end in a slash are folders themselves.',
  retry: RETRY,
  input: z.object({ path: folderParameter.default('') }),
  output: z.object({ keys: z.array(z.string()) }),
  async run(context) {
    const path = context.input.path.replace(/\/$/, '');
    const request = {
      method: 'GET',
      face: 'metadata',
      path,
      query: { list: 'true' },
      what: `Listing the secrets of "${path}"`,
    } as const;
    const { status, data } = await askVault(request, context);
    return { keys: status === 404 ? [] : listSchema.parse(data).keys };
  },
});
