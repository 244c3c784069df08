import type { FinalStatus, JsonObject } from '../../model/index.ts';
import type { RunEnd } from '../runner.ts';
import { parsedOutput, refusedPassword } from '../shell-result.ts';
import type { RemoteOutcome } from './remote-process.ts';

/** What became of the command on one host. */
export interface HostResult extends JsonObject {
  readonly failed: boolean;
  readonly succeeded: boolean;
}

/** The result of a command that ran (stackstorm-packs.md, section 5.4). `sudoUser`: whose sudo password was given, when one was. */
export function hostResult(
  outcome: RemoteOutcome,
  { what, seconds, sudoUser }: { what: string; seconds: number; sudoUser?: string | undefined },
): HostResult {
  const texts = { stdout: parsedOutput(outcome.stdout), stderr: parsedOutput(outcome.stderr) };
  if (outcome.ended === 'exited') {
    const succeeded = outcome.exitCode === 0;
    const refused = !succeeded && sudoUser !== undefined && refusedPassword(outcome.stderr);
    const error = `Invalid sudo password provided or sudo is not configured for this user (${sudoUser})`;
    return { succeeded, failed: !succeeded, return_code: outcome.exitCode, ...texts, ...(refused && { error }) };
  }
  const timedOut = outcome.ended === 'timeout';
  const why = {
    timeout: `Command didn't finish in ${seconds} seconds`,
    canceled: 'The action was canceled.',
    broken: outcome.error ?? '',
  };
  return { ...errorResult(`${what} ${why[outcome.ended]}`, timedOut), ...texts };
}

/** The result of a host where there was nothing to run, or nobody to run it. */
export function errorResult(error: string, timeout = false): HostResult {
  return {
    failed: true,
    succeeded: false,
    timeout,
    return_code: timeout ? -9 : 255,
    stdout: '',
    stderr: '',
    error,
    traceback: '',
  };
}

/** As StackStorm: it succeeded where every host did (or one, when a partial success is enough), and timed out where every host did. */
export function combined(
  results: Readonly<Record<string, HostResult>>,
  { partialSuccess, canceled }: { partialSuccess: boolean; canceled: boolean },
): RunEnd {
  const all = Object.values(results);
  const good = all.filter(({ succeeded }) => succeeded).length;
  const status = (): FinalStatus => {
    if (good === all.length || (partialSuccess && good > 0)) return 'succeeded';
    if (canceled) return 'canceled';
    return all.every(({ timeout }) => timeout === true) ? 'timeout' : 'failed';
  };
  return { status: status(), result: results };
}
