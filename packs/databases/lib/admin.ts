import { type StepContext, z } from 'petrel/sdk';
import type { ServerPlace } from './classes.ts';

interface Calls {
  step<T>(name: string, run: (context: StepContext) => Promise<T>): Promise<T>;
  child<T>(name: string, action: string, input?: object): Promise<T>;
}

const login = z.object({ password: z.string() });

/** The server of a class as the actions for servers want it, with its administrator's password out of Vault or the datastore. */
export async function serverOf({ host, port, tls, admin }: ServerPlace, calls: Calls) {
  const admin_password = await passwordOf(admin, calls);
  return { host, port, admin_username: admin.username, admin_password, ...(tls && { tls }) };
}

async function passwordOf({ vaultPath, key }: ServerPlace['admin'], { step, child }: Calls): Promise<string> {
  if (vaultPath !== undefined) {
    // Only this: a name such as "postgres" must not be masked everywhere.
    const request = { path: vaultPath, names: ['password'] };
    const { result } = await child<{ result: { data: unknown } }>('administrator', 'vault.kv_read', request);
    const read = login.safeParse(result.data);
    if (read.success) return read.data.password;
    throw new Error(`The secret ${vaultPath} in Vault, which admin.vaultPath of the class names, has no password.`);
  }
  if (key === undefined) throw new Error('A DatabaseClass of the provider server needs admin.vaultPath or admin.key.');
  return await step('administrator', async ({ datastore, secret }) => {
    const text = await datastore.get(key);
    if (text === undefined) throw new Error(`The datastore has no key ${key}, which admin.key of the class names.`);
    return secret(text);
  });
}
