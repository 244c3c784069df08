import { defineWorkflow, z } from 'petrel/sdk';

export default defineWorkflow({
  description: 'Greets somebody, and then everybody.',
  input: z.object({ name: z.string().describe('Whom to greet.') }),
  output: z.object({ said: z.string() }),
  async run({ input, child }) {
    const one = await child<{ result: { greeting: string } }>('one', '__PACK__.greet', { name: input.name });
    await child('all', '__PACK__.greet', { name: 'everybody' });
    return { said: one.result.greeting };
  },
});
