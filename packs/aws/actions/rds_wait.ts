import { setTimeout as sleep } from 'node:timers/promises';
import { defineAction, isTransientError, z } from 'petrel/sdk';
import { type AwsContext, withRds } from '../lib/client.ts';
import { findInstance, type InstanceView, idParameter, instanceSchema, RETRY } from '../lib/instances.ts';

/** States that do not lead to `available` without somebody's help. */
const STUCK =
  /^(deleting|failed|restore-error|storage-full|stopped|inaccessible-encryption-credentials|incompatible-.*|insufficient-capacity)$/;

/** Milliseconds between two looks: quick at first for stand-ins, slow later for the real thing, which takes minutes. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 15_000;

export default defineAction({
  description: 'Waits until an RDS DB instance is available with all changes done, or until it is gone.',
  timeout: 7200,
  retry: RETRY,
  input: z.object({
    id: idParameter,
    until: z.enum(['available', 'deleted']).default('available'),
    timeout: z.number().positive().max(7000).default(1800).describe('Seconds to wait before giving up.'),
  }),
  output: z.object({
    status: z.string().describe('The last status seen; "deleted" when it is gone.'),
    instance: instanceSchema.nullable(),
  }),
  run: (context) =>
    withRds(context, async (rds) => {
      const { id, until, timeout } = context.input;
      const deadline = performance.now() + timeout * 1000;
      let last = 'unknown';
      for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 1.5, LONGEST_WAIT)) {
        const instance = await lookPatiently(() => findInstance(rds, id, context), context);
        if (instance !== 'no answer') {
          const status = instance?.status ?? 'deleted';
          if (status !== last) context.logger.info(`The DB instance ${id} is ${status}.`);
          last = status;
          if (isThere(instance, until)) return { status, instance: instance ?? null };
          if (until === 'available' && instance === undefined)
            throw new Error(`There is no DB instance ${id} to wait for.`);
          if (until === 'available' && STUCK.test(status))
            throw new Error(`The DB instance ${id} will not become available: it is ${status}.`);
        }
        if (performance.now() + wait > deadline) {
          throw new Error(`The DB instance ${id} was not ${until} after ${timeout} seconds; it is ${last}.`);
        }
        await sleep(wait, undefined, { signal: context.signal });
      }
    }),
});

function isThere(instance: InstanceView | undefined, until: 'available' | 'deleted'): boolean {
  if (until === 'deleted') return instance === undefined;
  // Right after a change RDS says `available` for a moment more; the pending change tells that it is not through.
  return instance?.status === 'available' && instance.pending.length === 0;
}

/** An outage while waiting is waited out too: only the time limit ends it. */
async function lookPatiently<T>(look: () => Promise<T>, context: AwsContext): Promise<T | 'no answer'> {
  try {
    return await look();
  } catch (error) {
    if (!isTransientError(error)) throw error;
    context.logger.warn(error.message);
    return 'no answer';
  }
}
