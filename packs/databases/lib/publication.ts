import type { StepContext } from 'petrel/sdk';
import type { Plan } from './plan.ts';
import { configurationOf, credentialsOf } from './publishing.ts';
import { removeSecret, writeSecret } from './secrets.ts';
import type { Outputs, Subject } from './subject.ts';

/** The calls of a workflow that publishing is made of. */
export interface Calls {
  step<T>(name: string, run: (context: StepContext) => Promise<T>, options?: { retry: { count: number } }): Promise<T>;
  child<T>(name: string, action: string, input?: object): Promise<T>;
}

interface Found {
  readonly result: { readonly found: boolean; readonly value: string | null };
}

export const ownerKey = (path: string) => `${path}/.owner`;

/**
 * Makes the paths of a database ours, before anything is made for it: a database of another kind may have the same name. `known`:
 * they were ours before, and the mark was taken away.
 */
export async function claimPaths(
  { tag, path, known }: { readonly tag: string; readonly path: string; readonly known: boolean },
  { child }: Pick<Calls, 'child'>,
): Promise<void> {
  const key = ownerKey(path);
  const { result } = await child<Found>('owner', 'consul.kv_get', { key });
  if (result.value === tag) return;
  if (result.found) {
    throw new Error(
      `Consul's keys below ${path}/ belong to ${result.value}, so this database cannot be published there. Give one of the two another name.`,
    );
  }
  // Keys that nobody has marked are written over: the mark is what says whose they are.
  await child('claim', 'consul.kv_put', { key, value: tag, ...(known ? {} : { cas: 0 }) });
}

export interface Publication {
  readonly plan: Plan;
  readonly object: Subject;
  readonly tag: string;
  readonly made: Outputs;
  readonly username: string;
  readonly password_key: string;
  /** Key of a password that may still hold. */
  readonly previous_key: string | null;
  /** Names of the Secrets that may have been written before. */
  readonly formerSecrets: readonly string[];
}

/** By what it is seen later that nobody has changed what was published. */
export interface Published {
  readonly vault_version: number;
  readonly secret_digest: string | null;
}

/** Tells everybody: Consul in one transaction, the policy, Vault, and the Secret. */
export async function publish(publication: Publication, { child, step }: Calls): Promise<Published> {
  const { plan, object, tag, made, username, password_key, previous_key, formerSecrets } = publication;
  const { namespace } = object;
  const operations = Object.entries(configurationOf(made, tag)).map(([key, value]) => ({
    verb: 'set',
    key: `${plan.consul_path}/${key}`,
    value,
  }));
  await child('configuration', 'consul.txn', { operations });
  await child('policy', 'databases.policy', { namespace });
  const passwords = await step('passwords', async ({ datastore, secret }) => {
    const read = async (key: string) => {
      const password = await datastore.get(key);
      if (password === undefined) throw new Error(`The datastore has no key ${key}, which is to hold the password.`);
      return secret(password);
    };
    const password = await read(password_key);
    return previous_key === null ? { password } : { password, previous_password: await read(previous_key) };
  });
  const open = credentialsOf(made, username);
  const { result } = await child<{ result: { version: number } }>('credentials', 'vault.kv_write', {
    path: plan.vault_path,
    open,
    data: passwords,
  });
  const secret_digest = await step('secret', async (context) => {
    const { signal, kubernetes } = context;
    for (const name of formerSecrets) {
      if (name !== plan.secret) await removeSecret({ namespace, name, tag }, { kubernetes, signal });
    }
    if (plan.secret === null) return null;
    const { password } = passwords;
    return await writeSecret({ namespace, name: plan.secret, tag }, { made, username, password }, context);
  });
  return { vault_version: result.version, secret_digest };
}
