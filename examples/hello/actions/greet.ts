import { defineAction, z } from 'petrel/sdk';

export default defineAction({
  description: 'Says hello.',
  input: z.object({ name: z.string().describe('Whom to greet.') }),
  output: z.object({ greeting: z.string() }),
  async run({ input, logger }) {
    logger.info(`greeting ${input.name}`);
    return { greeting: `Hello, ${input.name}!` };
  },
});
