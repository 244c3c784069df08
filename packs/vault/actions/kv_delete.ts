import { defineAction, z } from 'petrel/sdk';
import { askVault, RETRY } from '../lib/client.ts';
import { pathParameter } from '../lib/paths.ts';

export default defineAction({
  description: 'Deletes a secret for good: all versions and the metadata. A missing one is a success.',
  retry: RETRY,
  input: z.object({ path: pathParameter }),
  output: z.object({ path: z.string(), existed: z.boolean().describe('False when there was nothing to delete.') }),
  async run(context) {
    const { path } = context.input;
    const what = `Deleting the secret ${path}`;
    const { status } = await askVault({ method: 'GET', face: 'metadata', path, what }, context);
    // Asked for in any case: the answer above may be a moment old.
    await askVault({ method: 'DELETE', face: 'metadata', path, what }, context);
    return { path, existed: status !== 404 };
  },
});
