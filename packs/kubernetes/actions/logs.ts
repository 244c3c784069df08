import { defineAction, z } from 'petrel/sdk';
import { ask, RETRY } from '../lib/errors.ts';
import { podOf, podParameters } from '../lib/parameters.ts';

/** What a result may hold, in characters. */
const MOST = 10_000_000;

export default defineAction({
  description: "Reads the log of a pod's container.",
  retry: RETRY,
  timeout: 3660,
  input: z.object({
    ...podParameters,
    previous: z.boolean().default(false).describe('Of the run before the last restart.'),
    follow: z.boolean().default(false).describe('Go on until the container ends; lines are streamed as output.'),
    tail_lines: z.number().int().min(0).nullish().describe('Only so many lines from the end.'),
    since_seconds: z.number().int().positive().nullish().describe('Only what is younger.'),
    timestamps: z.boolean().default(false).describe('Begin each line with its time.'),
  }),
  output: z.object({ log: z.string(), truncated: z.boolean().describe('There was more than 10 MB.') }),
  async run({ input, kubernetes, logger, signal }) {
    const { container, previous, follow, tail_lines, since_seconds, timestamps } = input;
    const options = {
      previous,
      follow,
      timestamps,
      signal,
      ...(container === undefined ? {} : { container }),
      ...(typeof tail_lines === 'number' ? { tailLines: tail_lines } : {}),
      ...(typeof since_seconds === 'number' ? { sinceSeconds: since_seconds } : {}),
    };
    const read = async () => {
      let log = '';
      let line = '';
      for await (const piece of kubernetes.logs(podOf(input), options)) {
        log += piece;
        if (follow) {
          const lines = (line + piece).split('\n');
          line = lines.pop() ?? '';
          for (const one of lines) logger.info(one);
        }
        if (log.length > MOST) return { log: log.slice(0, MOST), truncated: true };
      }
      if (line !== '') logger.info(line);
      return { log, truncated: false };
    };
    return await ask(read());
  },
});
