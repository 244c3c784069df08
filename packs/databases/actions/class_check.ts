import { defineAction, z } from 'petrel/sdk';
import { classSpec } from '../lib/classes.ts';

export default defineAction({
  description:
    'Checks a DatabaseClass beyond what its schema says. A class is read by whoever needs it; nothing is made of it.',
  input: z.object({ name: z.string(), spec: classSpec.describe('The spec of the class.') }),
  output: z.object({ outputs: z.object({ sizes: z.array(z.string()) }) }),
  async run({ input, datastore }) {
    const { name, spec } = input;
    const { provider, sizes, server } = spec;
    const bare = Object.entries(sizes).find(([, { instanceClass }]) => instanceClass === undefined);
    if (provider === 'rds' && bare !== undefined) {
      throw new Error(
        `Size "${bare[0]}" of the DatabaseClass ${name} has no instanceClass, which the provider rds needs.`,
      );
    }
    const key = server?.admin.key;
    if (key !== undefined && (await datastore.get(key)) === undefined) {
      throw new Error(
        `The DatabaseClass ${name} says that the administrator's password is in the datastore key ${key}, which does not exist. Set it with \`petrel key set ${key} PASSWORD --encrypt\`.`,
      );
    }
    return { outputs: { sizes: Object.keys(sizes) } };
  },
});
