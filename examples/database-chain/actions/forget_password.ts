import { defineAction, z } from 'petrel/sdk';

export default defineAction({
  description: 'Removes the master password of a deleted database from the datastore.',
  input: z.object({ key: z.string().describe('The datastore key, from the specification.') }),
  output: z.object({ existed: z.boolean() }),
  async run({ input, datastore }) {
    return { existed: await datastore.delete(input.key) };
  },
});
