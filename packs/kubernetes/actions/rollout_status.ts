import { defineAction, z } from 'petrel/sdk';
import { ask, RETRY } from '../lib/errors.ts';
import { referenceOf, workloadParameters } from '../lib/parameters.ts';
import { poll } from '../lib/polling.ts';
import { type Rollout, rolloutOf } from '../lib/rollout.ts';

export default defineAction({
  description: 'Waits until a Deployment, StatefulSet or DaemonSet is rolled out, or says how far it is.',
  retry: RETRY,
  timeout: 3660,
  input: z.object({
    ...workloadParameters,
    wait: z.boolean().default(true).describe('Wait; false: look once, and a rollout that is not done is an answer.'),
    timeout: z.number().positive().max(3600).default(600).describe('Seconds to wait.'),
  }),
  output: z.object({
    done: z.boolean(),
    message: z.string(),
    replicas: z.number().describe('How many there are to be.'),
    updated: z.number().describe('How many are of the newest form.'),
    available: z.number(),
  }),
  async run({ input, kubernetes, logger, signal }) {
    let last: Rollout | undefined;
    const look = async () => {
      const rollout = rolloutOf(await ask(kubernetes.get(referenceOf(input), signal)));
      if (rollout.message !== last?.message) logger.info(rollout.message);
      last = rollout;
      return rollout.done || !input.wait ? rollout : undefined;
    };
    const found = await poll(look, { timeout: input.timeout, signal });
    if (found === undefined) throw new Error(`The rollout did not end within ${input.timeout} s: ${last?.message}.`);
    return found;
  },
});
