import { defineAction, z } from 'petrel/sdk';
import { RETRY } from '../lib/errors.ts';
import { nodeParameters, setSchedulable } from '../lib/nodes.ts';

export default defineAction({
  description: 'Lets pods come to a node again.',
  retry: RETRY,
  input: z.object(nodeParameters),
  output: z.object({ changed: z.boolean() }),
  async run({ input, kubernetes, signal }) {
    return { changed: await setSchedulable(kubernetes, input.name, true, signal) };
  },
});
