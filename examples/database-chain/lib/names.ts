import { z } from 'petrel/sdk';
import { instanceIdentifier, passwordKey } from './naming.ts';

/** Which resource a database belongs to. */
export const owner = z.object({
  uid: z.string().describe('The uid of the resource; it owns everything that is created.'),
  name: z.string().describe('The name of the resource.'),
  namespace: z.string().describe('The namespace of the resource.'),
});

/** Where everything of a database is found. */
export const names = z.object({
  identifier: z.string().describe('The identifier of the RDS instance.'),
  password_key: z.string().describe('The datastore key of the master password, a secret.'),
  consul_path: z.string(),
  vault_path: z.string(),
});

const config = z.object({ consul_prefix: z.string(), vault_prefix: z.string() });

/** The same names for the same resource and configuration, at any time. */
export function namesOf(resource: z.output<typeof owner>, packConfig: unknown): z.output<typeof names> {
  const { consul_prefix, vault_prefix } = config.parse(packConfig);
  const { uid, namespace, name } = resource;
  return {
    identifier: instanceIdentifier(namespace, name, uid),
    password_key: passwordKey(uid),
    consul_path: `${consul_prefix}/${namespace}/${name}`,
    vault_path: `${vault_prefix}/${namespace}/${name}`,
  };
}
