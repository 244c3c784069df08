import { randomBytes } from 'node:crypto';
import { str } from '../../expressions/index.ts';
import { isJsonObject, messageOf, PetrelError } from '../../model/index.ts';
import { OUTPUT_LIMIT } from '../bounded-text.ts';
import { failedByError } from '../failure.ts';
import type { Run, RunEnd } from '../runner.ts';
import { shellQuote } from '../shell-quote.ts';
import { optionalText } from '../shell-run.ts';
import { connect, readPrivateKey, type SshConnection, type SshContext, type SshCredentials } from './connection.ts';
import type { HostKeySettings } from './host-keys.ts';
import { parseHost, parseHosts, type RemoteHost, SSH_PORT } from './hosts.ts';
import { hostOutput } from './output.ts';
import { type RemoteCommand, type RemoteOutcome, runAside, runRemote } from './remote-process.ts';
import { combined, errorResult, type HostResult, hostResult } from './results.ts';
import { uploadScript } from './upload.ts';

/** What the composition root may set for the remote shell runners. */
export interface SshSettings extends HostKeySettings {
  /** Whom to log in as where the action does not say; default `stanley`. */
  readonly user?: string;
  /** Path of the private key to log in with where the action gives neither key nor password. */
  readonly keyFile?: string;
  /** How many hosts at a time; default 20. */
  readonly parallel?: number;
  /** Milliseconds for one connection; default 60,000. */
  readonly connectTimeout?: number;
  /** One host that succeeds is enough, as StackStorm's `allow_partial_failure`. Default false. */
  readonly partialSuccess?: boolean;
  /** Milliseconds between SIGTERM and SIGKILL; default 5,000. */
  readonly grace?: number;
}

/** What runs on each host. */
export type Work =
  | { readonly kind: 'command'; readonly command: string }
  /** A file of the pack with its arguments as text for a shell. */
  | { readonly kind: 'script'; readonly path: string; readonly args: string };

/**
 * Runs the work on all hosts at the same time, a bounded number of them, and answers a result with an entry for each. As StackStorm,
 * when no host at all can be reached, or a script cannot be copied to one of them, the result tells of that alone.
 */
export async function runOnHosts(work: Work, run: Run, settings: SshSettings): Promise<RunEnd> {
  const opened = new Map<RemoteHost, SshConnection>();
  try {
    const { runnerParameters: given, signal } = run;
    const port = typeof given.port === 'number' ? given.port : SSH_PORT;
    const hosts = parseHosts(optionalText(given.hosts) ?? '', port);
    const bastionText = optionalText(given.bastion_host);
    const bastion = bastionText === undefined ? undefined : parseHost(bastionText, SSH_PORT);
    const context: SshContext = {
      credentials: await credentialsOf(run, settings),
      settings,
      datastore: run.services.datastore,
      timeout: settings.connectTimeout ?? 60_000,
      signal,
    };
    const results = new Map<RemoteHost, HostResult>();
    const each = <T>(list: readonly RemoteHost[], act: (host: RemoteHost) => Promise<T>) =>
      inParallel(list, settings.parallel ?? 20, act);

    await each(hosts, async (host) => {
      try {
        opened.set(host, await connect(context, host, bastion));
      } catch (error) {
        results.set(host, errorResult(`Failed connecting to host ${host.label}. ${messageOf(error)}`));
      }
    });
    if (opened.size === 0) return nobody(hosts, results, signal.aborted);

    const commands = await prepare(work, run, opened, each);
    if ('result' in commands) return commands;
    const share = Math.max(Math.floor(OUTPUT_LIMIT / hosts.length), 64 * 1024);
    await each([...opened.keys()], async (host) => {
      const connection = opened.get(host);
      const ready = commands.get(host);
      if (connection === undefined || ready === undefined) return;
      const output = hostOutput(run, hosts.length > 1 ? host.label : undefined);
      const request = requestOf(ready.command, run, settings, share, output.add);
      results.set(host, await perform(connection, request, host, run, context));
      output.end();
      await ready.cleanUp();
    });
    const ordered = hosts.flatMap((host) => {
      const result = results.get(host);
      return result === undefined ? [] : [[host.label, result] as const];
    });
    const partialSuccess = settings.partialSuccess === true;
    return combined(Object.fromEntries(ordered), { partialSuccess, canceled: signal.aborted });
  } catch (error) {
    return failedByError(error);
  } finally {
    for (const connection of opened.values()) connection.close();
  }
}

async function credentialsOf(
  { runnerParameters: given, services }: Run,
  settings: SshSettings,
): Promise<SshCredentials> {
  const password = optionalText(given.password);
  const passphrase = optionalText(given.passphrase);
  const key = optionalText(given.private_key) ?? (password === undefined ? settings.keyFile : undefined);
  const privateKey = key === undefined ? undefined : await readPrivateKey(key);
  for (const secret of [password, passphrase, privateKey, optionalText(given.sudo_password)]) {
    if (secret !== undefined) services.markSecret(secret);
  }
  if (password === undefined && privateKey === undefined) {
    throw new PetrelError(
      'invalid',
      'There is nothing to log in with: give the action a "private_key" or a "password", or start Petrel with --ssh-key FILE.',
    );
  }
  return { username: optionalText(given.username) ?? settings.user ?? 'stanley', password, passphrase, privateKey };
}

interface Ready {
  readonly command: string;
  cleanUp(): Promise<void>;
}

/** The command of each host; a script is copied there first. Answers the action's end when that fails. */
async function prepare(
  work: Work,
  run: Run,
  opened: ReadonlyMap<RemoteHost, SshConnection>,
  each: (list: readonly RemoteHost[], act: (host: RemoteHost) => Promise<void>) => Promise<void>,
): Promise<ReadonlyMap<RemoteHost, Ready> | RunEnd> {
  const ready = new Map<RemoteHost, Ready>();
  const problems: string[] = [];
  await each([...opened.keys()], async (host) => {
    if (work.kind === 'command') {
      ready.set(host, { command: withSurroundings(work.command, run), cleanUp: async () => undefined });
      return;
    }
    const client = opened.get(host)?.client;
    if (client === undefined) return;
    const base = (optionalText(run.runnerParameters.dir) ?? '/tmp').replace(/\/+$/, '');
    // Not to be guessed: others of the machine could have made it first.
    const directory = `${base}/${run.execution.id}-${randomBytes(6).toString('hex')}`;
    const remove = `rm -rf -- ${shellQuote(directory)}`;
    const sudoPassword = optionalText(run.runnerParameters.sudo_password);
    // What a script left as root only root can remove.
    const asRoot = `sudo ${sudoPassword === undefined ? '-n' : "-S -p ''"} ${remove}`;
    const all = run.runnerParameters.sudo === true ? `${remove} 2>/dev/null || ${asRoot}` : remove;
    const cleanUp = () =>
      runAside(client, `${all} >/dev/null 2>&1`, sudoPassword === undefined ? '' : `${sudoPassword}\n`).catch(
        () => undefined, // a host that is gone keeps it; its name is the execution's
      );
    try {
      const path = await uploadScript(client, work.path, directory);
      const line = `${shellQuote(path)}${work.args === '' ? '' : ` ${work.args}`}`;
      ready.set(host, { command: withSurroundings(line, run), cleanUp });
    } catch (error) {
      problems.push(`Failed copying the script to host ${host.label}. ${messageOf(error)}`);
      await cleanUp();
    }
  });
  if (problems.length === 0) return ready;
  for (const { cleanUp } of ready.values()) await cleanUp();
  const result = { error: problems.join(' '), traceback: '', failed: true, succeeded: false, return_code: 255 };
  return { status: run.signal.aborted ? 'canceled' : 'failed', result };
}

/** As StackStorm: `export A=1 B=2 && cd DIR && COMMAND`, names sorted. */
function withSurroundings(command: string, { runnerParameters, environment }: Run): string {
  const { env } = runnerParameters;
  const own = isJsonObject(env) ? Object.entries(env).map(([name, value]) => [name, str(value ?? null)] as const) : [];
  const all = new Map([...own, ...Object.entries(environment)]);
  const names = [...all.keys()].sort();
  const bad = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (bad !== undefined) throw new PetrelError('invalid', `"${bad}" in "env" is no name of a variable.`);
  const words = names.map((name) => `${name}=${shellQuote(all.get(name) ?? '')}`);
  const prefix = words.length === 0 ? '' : `export ${words.join(' ')} && `;
  return `${prefix}cd ${shellQuote(optionalText(runnerParameters.cwd) ?? '/tmp')} && ${command}`;
}

function requestOf(
  command: string,
  { runnerParameters, signal }: Run,
  settings: SshSettings,
  outputLimit: number,
  output: RemoteCommand['output'],
): RemoteCommand {
  return {
    command,
    sudo: runnerParameters.sudo === true ? { password: optionalText(runnerParameters.sudo_password) } : undefined,
    timeout: secondsOf(runnerParameters.timeout) * 1000,
    signal,
    output,
    outputLimit,
    grace: settings.grace ?? 5000,
  };
}

async function perform(
  connection: SshConnection,
  request: RemoteCommand,
  host: RemoteHost,
  run: Run,
  { credentials }: SshContext,
): Promise<HostResult> {
  let outcome: RemoteOutcome;
  try {
    outcome = await runRemote(connection.client, request);
  } catch (error) {
    outcome = { ended: 'broken', exitCode: 255, stdout: '', stderr: '', error: messageOf(error) };
  }
  return hostResult(outcome, {
    what: `Failed executing the command of ${run.action.ref} on host "${host.label}".`,
    seconds: secondsOf(run.runnerParameters.timeout),
    sudoUser: request.sudo?.password === undefined ? undefined : credentials.username,
  });
}

function secondsOf(timeout: unknown): number {
  return typeof timeout === 'number' ? timeout : 60;
}

function nobody(hosts: readonly RemoteHost[], results: ReadonlyMap<RemoteHost, HostResult>, canceled: boolean): RunEnd {
  const errors = hosts.map((host) => [host.label, results.get(host)?.error ?? null] as const);
  const names = hosts.map(({ label }) => label).join(', ');
  const error = `Unable to connect to any one of the hosts: ${names}.\n\n connect_errors=${JSON.stringify(Object.fromEntries(errors), null, 2)}`;
  return failedByError(new PetrelError('unavailable', error), canceled ? 'canceled' : 'failed');
}

async function inParallel<T>(items: readonly T[], limit: number, act: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
}
