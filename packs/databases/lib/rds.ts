import { z } from 'petrel/sdk';

const waits = z.object({
  waits: z.object({
    first: z.number().default(2),
    longest: z.number().default(30),
    limit: z.number().default(10_800),
  }),
});

/** What a workflow needs in order to look, sleep and look again. */
export interface Waiting {
  readonly config: unknown;
  child<T>(name: string, action: string, input?: object): Promise<T>;
  sleep(name: string, seconds: number): Promise<void>;
}

/** An instance as the pack aws shows it; what this pack reads of it. */
export interface Instance {
  readonly id: string;
  readonly status: string;
  readonly engine: string;
  readonly engine_version: string | null;
  readonly instance_class: string;
  readonly allocated_storage: number;
  readonly multi_az?: boolean;
  readonly backup_retention?: number;
  readonly master_username: string;
  readonly db_name: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly owner: string | null;
  readonly replica_of?: string | null;
  readonly pending: readonly string[];
}

/** States that no time will mend. */
const LOST =
  /^(failed|restore-error|insufficient-capacity|inaccessible-encryption-credentials|incompatible-(network|restore|parameters|option-group|credentials|create))$/;

/** Whether a version is the one that is wished: 8.0.40 is an 8.0. */
export function isVersion(seen: string | null, wished: string | undefined): boolean {
  return wished === undefined || seen === wished || (seen?.startsWith(`${wished}.`) ?? false);
}

/** It can be used, and nothing is under way. */
export function isSettled(instance: Instance | null): instance is Instance {
  return instance?.status === 'available' && instance.host !== null && instance.pending.length === 0;
}

/** The instance as it is, or null. */
export async function lookAt(id: string, { child }: Waiting): Promise<Instance | null> {
  const { result } = await child<{ result: { instance: Instance | null } }>('look', 'aws.rds_describe', { id });
  return result.instance;
}

/** Sleeps and asks until `ask` answers something. Each sleep is a durable timer: nobody is kept from working meanwhile. */
export async function until<T>(
  what: string,
  ask: () => Promise<{ readonly done: T } | { readonly yet: string }>,
  { config, sleep }: Waiting,
): Promise<T> {
  const { first, longest, limit } = waits.parse(config).waits;
  let delay = first;
  for (let waited = 0; ; waited += delay, delay = Math.min(delay * 1.5, longest)) {
    await sleep('wait', delay);
    const answer = await ask();
    if ('done' in answer) return answer.done;
    if (waited + delay >= limit) {
      throw new Error(`${what} took more than ${limit} seconds: ${answer.yet}. See its events in the RDS console.`);
    }
  }
}

/** Waits until the instance can be used and is as `fits` says. */
export function settled(
  id: string,
  waiting: Waiting,
  fits: (instance: Instance) => boolean = () => true,
): Promise<Instance> {
  return until(
    `The DB instance ${id}`,
    async () => {
      const instance = await lookAt(id, waiting);
      if (instance === null) throw new Error(`The DB instance ${id} is gone while it was waited for.`);
      if (LOST.test(instance.status)) {
        throw new Error(`The DB instance ${id} is ${instance.status}. See its events in the RDS console.`);
      }
      return isSettled(instance) && fits(instance) ? { done: instance } : { yet: `it is ${instance.status}` };
    },
    waiting,
  );
}

/** Waits until there is no instance of that identifier. */
export function gone(id: string, waiting: Waiting): Promise<null> {
  return until(
    `The deletion of the DB instance ${id}`,
    async () => {
      const instance = await lookAt(id, waiting);
      return instance === null ? { done: null } : { yet: `it is ${instance.status}` };
    },
    waiting,
  );
}
