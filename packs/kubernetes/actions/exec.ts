import { defineAction, z } from 'petrel/sdk';
import { podOf, podParameters } from '../lib/parameters.ts';

export default defineAction({
  description:
    "Runs a program in a pod's container. Not repeated by itself: nobody knows what a program cut short has done.",
  timeout: 3660,
  input: z.object({
    ...podParameters,
    command: z
      .array(z.string())
      .min(1)
      .describe('The program and its arguments. No shell reads them; give [sh, -c, TEXT] for one.'),
    stdin: z.string().nullish().describe('What the program reads.'),
    allow_failure: z.boolean().default(false).describe('An exit code other than 0 is an answer and no failure.'),
    timeout: z.number().positive().max(3600).default(600).describe('Seconds.'),
  }),
  output: z.object({ exit_code: z.number(), stdout: z.string(), stderr: z.string() }),
  async run({ input, kubernetes, logger, signal }) {
    const limit = AbortSignal.timeout(input.timeout * 1000);
    const { container, stdin, command } = input;
    try {
      const { exitCode, stdout, stderr } = await kubernetes.exec(podOf(input), {
        command,
        signal: AbortSignal.any([signal, limit]),
        ...(container === undefined ? {} : { container }),
        ...(typeof stdin === 'string' ? { stdin } : {}),
      });
      if (stderr !== '') logger.warn(stderr.trimEnd());
      if (exitCode !== 0 && !input.allow_failure) {
        const last = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
        throw new Error(`${command[0]} in pod ${input.name} ended with ${exitCode}${last === '' ? '' : `: ${last}`}`);
      }
      return { exit_code: exitCode, stdout, stderr };
    } catch (error) {
      if (limit.aborted && !signal.aborted) {
        throw new Error(
          `${command[0]} in pod ${input.name} did not end within ${input.timeout} s. It may still run: Kubernetes cannot stop it.`,
          { cause: error },
        );
      }
      throw error;
    }
  },
});
