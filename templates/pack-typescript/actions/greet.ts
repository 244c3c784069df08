import { defineAction, z } from 'petrel/sdk';

export default defineAction({
  description: 'Greets somebody.',
  input: z.object({ name: z.string().describe('Whom to greet.') }),
  output: z.object({ greeting: z.string() }),
  async run({ input, config, logger }) {
    logger.info(`greeting ${input.name}`);
    return { greeting: `${config.greeting}, ${input.name}!` };
  },
});
