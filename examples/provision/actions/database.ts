import { defineWorkflow, z } from 'petrel/sdk';

export default defineWorkflow({
  description: 'Creates a database and tells its users where it is.',
  input: z.object({
    team: z.string().regex(/^[a-z]+$/),
    name: z.string().regex(/^[a-z]+$/),
    port: z.int().default(3306).describe('Where its users expect it.'),
  }),
  output: z.object({ endpoint: z.string() }),
  async run({ input, step, child, sleep, all, race, logger }) {
    const { team, name, port } = input;
    const identifier = `${team}-${name}`;
    const created = await child<{ result: { endpoint: string } }>(
      'create',
      'provision.create',
      { identifier },
      { onRollback: { action: 'provision.remove', input: { identifier }, retry: { count: 5, delay: 2 } } },
    );
    const { endpoint } = created.result;

    const [key] = await all([
      step(
        'configure',
        async ({ datastore }) => {
          await datastore.set(`${team}.database`, endpoint);
          return `${team}.database`;
        },
        { onRollback: async (key, { datastore }) => await datastore.delete(key) },
      ),
      sleep('settle', 0.1),
    ]);

    const answered = await race([
      step('probe', () => endpoint.endsWith(`:${port}`), { retry: { count: 3, delay: 1 } }),
      sleep('patience', 60),
    ]);
    if (answered !== true) throw new Error(`The database ${identifier} does not answer on port ${port}.`);
    logger.info(`${team} finds ${identifier} at ${key}`);
    return { endpoint };
  },
});
