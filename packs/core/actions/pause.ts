import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { defineAction, z } from 'petrel/sdk';

/** Answers the seconds it waited. A cancelled execution stops waiting at once. */
export default defineAction({
  description: 'Waits, to hold up a workflow.',
  input: z.object({
    max_pause: z.int().min(0).describe('Seconds to wait.').meta({ position: 0 }),
    random: z.boolean().default(false).describe('Wait for a random time, from 1 to max_pause.').meta({ position: 1 }),
  }),
  output: z.int(),
  async run({ input, signal }) {
    const seconds = input.random && input.max_pause > 1 ? randomInt(1, input.max_pause + 1) : input.max_pause;
    await wait(seconds * 1000, undefined, { signal });
    return seconds;
  },
});
