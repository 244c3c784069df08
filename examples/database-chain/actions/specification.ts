import { defineAction, z } from 'petrel/sdk';
import { names, namesOf, owner } from '../lib/names.ts';
import { generatePassword } from '../lib/password.ts';

const MYSQL_PORT = 3306;

const config = z.object({ sizes: z.record(z.string(), z.string()), master_username: z.string() });

export default defineAction({
  description:
    'Turns a MysqlDb resource into a database specification, and makes sure that its master password exists, encrypted in the datastore.',
  input: owner.extend({
    spec: z
      .object({
        engine: z.string().default('mysql'),
        engineVersion: z.string().default('8.0'),
        size: z.string().default('small'),
        storageGb: z.number().int().default(20),
      })
      .loose()
      .describe('The spec of the resource.'),
  }),
  output: names.extend({
    engine: z.string(),
    engine_version: z.string(),
    instance_class: z.string(),
    allocated_storage: z.number(),
    port: z.number(),
    master_username: z.string(),
  }),
  async run({ input, datastore, logger, ...context }) {
    const { sizes, master_username } = config.parse(context.config);
    const { name, namespace, spec } = input;
    const instanceClass = Object.hasOwn(sizes, spec.size) ? sizes[spec.size] : undefined;
    if (instanceClass === undefined) {
      const known = Object.keys(sizes).join(', ');
      throw new Error(
        `MysqlDb ${namespace}/${name} asks for size "${spec.size}", which is not configured. Sizes: ${known}.`,
      );
    }
    const named = namesOf(input, context.config);
    // Stored before anything is created with it, so that a run that is cut short goes on with the same password.
    if ((await datastore.get(named.password_key)) === undefined) {
      await datastore.set(named.password_key, generatePassword(), { secret: true });
      logger.info(
        `Generated the master password of ${namespace}/${name}; it is kept encrypted as ${named.password_key}.`,
      );
    }
    return {
      ...named,
      engine: spec.engine,
      engine_version: spec.engineVersion,
      instance_class: instanceClass,
      allocated_storage: spec.storageGb,
      port: MYSQL_PORT,
      master_username,
    };
  },
});
