import { defineAction, z } from 'petrel/sdk';

export default defineAction({
  description: 'Removes a database; one that is not there is removed already.',
  input: z.object({ identifier: z.string() }),
  async run({ input, datastore }) {
    return { existed: await datastore.delete(`provision.${input.identifier}`) };
  },
});
