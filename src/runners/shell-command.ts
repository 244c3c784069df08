import { shellQuote } from './shell-quote.ts';

export interface ShellIdentity {
  /** Run with root's rights. */
  readonly sudo: boolean;
  /** The account to run as; absent or empty: the service's own. */
  readonly user?: string | undefined;
  /** The account this process runs under. */
  readonly serviceUser: string;
  readonly sudoPassword?: string | undefined;
}

export interface ShellCommand {
  /** For the shell's `-c`. */
  readonly command: string;
  /** The same for logs: it tells that a password is given, not which. */
  readonly logCommand: string;
}

/** The full text handed to the shell (stackstorm-packs.md, section 5.2; vectors: shell_command). */
export function shellCommand(cmd: string, identity: ShellIdentity): ShellCommand {
  return wrap(cmd, cmd, identity);
}

/** The same for a script with its arguments; within sudo the path is not quoted by itself (section 5.3). */
export function scriptCommand(path: string, args: string, identity: ShellIdentity): ShellCommand {
  const tail = args === '' ? '' : ` ${args}`;
  return wrap(`${shellQuote(path)}${tail}`, `${path}${tail}`, identity);
}

function wrap(direct: string, inside: string, identity: ShellIdentity): ShellCommand {
  const { sudo, sudoPassword, serviceUser } = identity;
  const user = identity.user === undefined || identity.user === '' ? serviceUser : identity.user;
  const other = user !== serviceUser;
  if (!sudo && !other) return { command: direct, logCommand: direct };
  const withPassword = sudoPassword !== undefined && sudoPassword !== '';
  const options = [withPassword ? '-S' : '', '-E', sudo ? '' : `-H -u ${shellQuote(user)}`].filter(
    (text) => text !== '',
  );
  const command = `sudo ${options.join(' ')} -- bash -c ${shellQuote(inside)}`;
  return { command, logCommand: withPassword ? `echo -e '********\n' | ${command}` : command };
}
