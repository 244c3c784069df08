import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { str } from '../expressions/index.ts';
import type { JsonObject } from '../model/index.ts';
import { childEnvironment } from './environment.ts';
import { runProcess } from './process.ts';
import type { Run, RunEnd } from './runner.ts';
import type { ShellCommand, ShellIdentity } from './shell-command.ts';
import { shellResult } from './shell-result.ts';
import { pathHere } from './stackstorm-paths.ts';

/** What the composition root may set for the local shell runners. */
export interface ShellSettings {
  /** The account actions run as, by sudo; absent: Petrel's own. */
  readonly systemUser?: string;
  /** Milliseconds between SIGTERM and SIGKILL; default 5,000. */
  readonly grace?: number;
  /** Where a pack lies; undefined when it is not registered. */
  packFolder?(pack: string): string | undefined;
}

/** Who a shell command runs as, from the runner's parameters. */
export function shellIdentity(parameters: JsonObject, settings: ShellSettings): ShellIdentity {
  return {
    sudo: parameters.sudo === true,
    user: settings.systemUser,
    serviceUser: userInfo().username,
    sudoPassword: optionalText(parameters.sudo_password),
  };
}

const BASH = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'];

/**
 * On StackStorm's hosts commands go through `sudo -u stanley -- bash -c`, so packs write `[[ a =~ b ]]` and `{1..3}`, which the `/bin/sh` of Debian
 * does not understand. Where there is no bash, `/bin/sh` has to do.
 */
function shell(): string {
  return BASH.find((path) => existsSync(path)) ?? '/bin/sh';
}

/** Hands a built command to the shell and answers the shell runners' result. */
export async function runShell(
  { command }: ShellCommand,
  identity: ShellIdentity,
  run: Run,
  settings: ShellSettings,
): Promise<RunEnd> {
  const parameters = run.runnerParameters;
  const seconds = typeof parameters.timeout === 'number' ? parameters.timeout : 60;
  const { sudoPassword, serviceUser } = identity;
  const cwd = optionalText(parameters.cwd);
  if (sudoPassword !== undefined) run.services.markSecret(sudoPassword);
  const outcome = await runProcess({
    command: shell(),
    args: ['-c', command],
    cwd: cwd === undefined ? undefined : pathHere(cwd, settings.packFolder),
    environment: childEnvironment(parameters.env, { ...run.environment, ...run.services.credentials?.() }, str),
    input: sudoPassword === undefined ? undefined : `${sudoPassword}\n`,
    timeout: seconds,
    signal: run.signal,
    output: (stream, data) => run.output(stream, data),
    grace: settings.grace,
  });
  return shellResult(outcome, { seconds, ...(sudoPassword === undefined ? {} : { sudoUser: serviceUser }) });
}

/** A text parameter; null, absent and empty are all "not given". */
export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
