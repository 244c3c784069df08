import { type StepContext, z } from 'petrel/sdk';
import type { ServerPlace } from './classes.ts';

interface Calls {
  step<T>(name: string, run: (context: StepContext) => Promise<T>): Promise<T>;
  child<T>(name: string, action: string, input?: object): Promise<T>;
}

const login = z.object({ username: z.string().optional(), password: z.string() });

/** The server of a class as the actions for servers want it, with its administrator's login out of Vault or the datastore. */
export async function serverOf({ host, port, tls, admin }: ServerPlace, { step, child }: Calls) {
  const { username, password } = await loginOf(admin, { step, child });
  const name = username ?? admin.username;
  if (name === undefined) {
    throw new Error(`The administrator of the server ${host} has no name: give admin.username in its DatabaseClass.`);
  }
  return { host, port, admin_username: name, admin_password: password, ...(tls && { tls }) };
}

async function loginOf({ vaultPath, key }: ServerPlace['admin'], { step, child }: Calls) {
  if (vaultPath !== undefined) {
    const { result } = await child<{ result: { data: unknown } }>('administrator', 'vault.kv_read', {
      path: vaultPath,
    });
    return login.parse(result.data);
  }
  if (key === undefined) throw new Error('A DatabaseClass of the provider server needs admin.vaultPath or admin.key.');
  return await step('administrator', async ({ datastore, secret }) => {
    const text = await datastore.get(key);
    if (text === undefined) throw new Error(`The datastore has no key ${key}, which admin.key of the class names.`);
    return { username: undefined, password: secret(text) };
  });
}
