import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dictEntries, isDict, parseJsonKeepingFloats } from '../../src/expressions/index.ts';
import type { ParameterSchemas } from '../../src/model/index.ts';
import { scriptArguments } from '../../src/runners/script-arguments.ts';
import { scriptCommand, shellCommand } from '../../src/runners/shell-command.ts';

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

function text(file: string): string {
  return readFileSync(new URL(`../vectors/stackstorm/${file}`, import.meta.url), 'utf8');
}

const identityOf = (vector: Identity) => ({
  sudo: vector.sudo,
  user: vector.user ?? undefined,
  serviceUser: vector.service_user,
  sudoPassword: vector.sudo_password,
});

/** Parameters reach a runner as plain objects; only their floats are to be kept apart from integers. */
function plainObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainObjects);
  if (!isDict(value)) return value;
  return Object.fromEntries([...dictEntries(value)].map(([key, item]) => [key, plainObjects(item)]));
}

describe('the command line of a local shell command', () => {
  const { cases } = JSON.parse(text('shell_command.json')) as { cases: CommandCase[] };
  it.each(cases)('$id: $cmd', (vector) => {
    expect(shellCommand(vector.cmd, identityOf(vector))).toEqual({
      command: vector.command,
      logCommand: vector.log_command,
    });
  });
});

describe('the command line of a local shell script', () => {
  const plain = (JSON.parse(text('shell_script_args.json')) as { cases: ScriptCase[] }).cases;
  const withFloats = (plainObjects(parseJsonKeepingFloats(text('shell_script_args.json'))) as { cases: ScriptCase[] })
    .cases;

  it.each(plain.map((vector, index) => ({ vector, id: vector.id, index })))('$id', ({ vector, index }) => {
    const parameters = withFloats[index]?.parameters ?? {};
    const { positional, text: args } = scriptArguments(vector.parameters_schema, parameters, vector.kwarg_op);
    expect(positional).toEqual(vector.positional);
    expect(args).toBe(vector.arguments);
    expect(scriptCommand(vector.script_path, args, identityOf(vector)).command).toBe(vector.command);
  });

  it('is split by a shell into the words of the vectors', () => {
    const script = plain
      .map(({ arguments: args }) => `for word in "$@"; do :; done; set -- ${args}; printf '%s\\0' $# "$@"`)
      .join('\n');
    const words = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
    expect(words).toEqual(plain.flatMap(({ argv }) => [String(argv.length), ...argv]));
  });
});
