import { defineAction, z } from 'petrel/sdk';

/** Stands for a cloud provider: what it creates is a key in the datastore. Creating twice is creating once. */
export default defineAction({
  description: 'Creates a database.',
  input: z.object({ identifier: z.string() }),
  output: z.object({ endpoint: z.string() }),
  async run({ input, datastore }) {
    const endpoint = `${input.identifier}.example.com:3306`;
    await datastore.set(`provision.${input.identifier}`, endpoint);
    return { endpoint };
  },
});
