import { isIP } from 'node:net';
import { defineAction, z } from 'petrel/sdk';

/** Fails when it is none, so that a workflow can go either way. */
export default defineAction({
  description: 'Says whether a text is an IPv4 address.',
  input: z.object({ ip_address: z.string().describe('The text.') }),
  output: z.literal(true),
  async run({ input }) {
    if ([4].includes(isIP(input.ip_address))) return true as const;
    throw new Error(`"${input.ip_address}" is not an IPv4 address.`);
  },
});
