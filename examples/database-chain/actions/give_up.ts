import { defineAction, z } from 'petrel/sdk';

export default defineAction({
  description: 'Ends a chain as failed after its failure was reported: a chain has the status of its last task.',
  input: z.object({ message: z.string().describe('Why the chain failed.') }),
  async run({ input }) {
    throw new Error(input.message);
  },
});
