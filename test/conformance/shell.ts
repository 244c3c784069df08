import { execFileSync } from 'node:child_process';
import type { ParameterSchemas } from '../../src/model/index.ts';
import { scriptArguments } from '../../src/runners/script-arguments.ts';
import { scriptCommand, shellCommand } from '../../src/runners/shell-command.ts';
import { floatKind, type Kind, plainKind, same } from './check.ts';

interface Identity {
  readonly id: string;
  readonly sudo: boolean;
  readonly user: string | null;
  readonly service_user: string;
  readonly sudo_password?: string;
  readonly command: string;
}

interface CommandCase extends Identity {
  readonly cmd: string;
  readonly log_command: string;
}

interface ScriptCase extends Identity {
  readonly parameters_schema: ParameterSchemas;
  readonly parameters: Record<string, unknown>;
  readonly kwarg_op: string;
  readonly script_path: string;
  readonly positional: string[];
  readonly arguments: string;
  readonly argv: string[];
}

const identityOf = (given: Identity) => ({
  sudo: given.sudo,
  user: given.user ?? undefined,
  serviceUser: given.service_user,
  sudoPassword: given.sudo_password,
});

/** The command line of a local shell command. */
export const commandLine: Kind = plainKind<CommandCase>((given) => {
  same(shellCommand(given.cmd, identityOf(given)), { command: given.command, logCommand: given.log_command });
});

/** The command line of a local shell script, and the words that a shell makes of it. */
export const scriptLine: Kind = floatKind<ScriptCase>((given) => {
  const { positional, text } = scriptArguments(given.parameters_schema, given.parameters, given.kwarg_op);
  same(positional, given.positional);
  same(text, given.arguments);
  same(scriptCommand(given.script_path, text, identityOf(given)).command, given.command);
  same(shellWords(text), given.argv);
});

function shellWords(text: string): string[] {
  const script = `set -- ${text}; for word in "$@"; do printf '%s\\0' "$word"; done`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}
