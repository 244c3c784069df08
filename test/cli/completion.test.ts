import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { type House, openHouse } from '../api/support.ts';
import { PETREL } from '../e2e/petrel-process.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'petrel-completion-'));
  writeFileSync(join(directory, 'bash'), script('bash'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const script = (shell: string) => execFileSync(process.execPath, [PETREL, 'completion', shell], { encoding: 'utf8' });

/** What bash offers for the last word. */
async function offered(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _petrel; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', program, 'bash', join(directory, 'bash'), 'petrel', ...words];
  const { stdout } = await promisify(execFile)('bash', args, { env: { PATH: process.env.PATH, ...env } });
  return stdout.split('\n').filter((word) => word !== '');
}

describe('completion for bash', () => {
  it('offers every command there is', async () => {
    const nouns = createProgram().commands.map((command) => command.name());
    expect(nouns.length).toBeGreaterThan(30);
    expect(await offered([''])).toEqual(expect.arrayContaining(nouns));
    for (const command of createProgram().commands) {
      const verbs = command.commands.map((one) => one.name());
      expect(await offered([command.name(), ''])).toEqual(expect.arrayContaining(verbs));
    }
  });

  it.each([
    [['tri'], ['trigger', 'trigger-instance']],
    [['rule', 'en'], ['enable']],
    [
      ['--json', 'execution', 're'],
      ['resume', 're-run'],
    ],
    [['run', 'core.local', '--as'], ['--async']],
    [
      ['start', '--log-level', ''],
      ['debug', 'info', 'warn', 'error'],
    ],
    [['completion', 'b'], ['bash']],
    [['rule', 'get', 'x'], []],
  ])('of %j offers %j', async (words, expected) => {
    expect(await offered(words)).toEqual(expected);
  });
});

describe('names that the server knows', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({});
    // What the script calls.
    const program = `#!/bin/sh\nexec '${process.execPath}' '${PETREL}' "$@"\n`;
    writeFileSync(join(directory, 'petrel'), program, { mode: 0o755 });
  });
  afterAll(() => house.stop());

  const known = (...words: readonly string[]) => {
    const { url, token } = house.server();
    return offered(words, { PETREL_URL: url, PETREL_TOKEN: token, PATH: `${directory}:${process.env.PATH}` });
  };

  it('are offered where a command takes them, and then what the action takes', async () => {
    expect(await known('run', 'core.noo')).toEqual(['core.noop']);
    expect(await known('run', '--tail', 'core.local', 'cm')).toEqual(['cmd=']);
    expect(await known('rule', 'get', 'chatops.notify-')).toEqual(['chatops.notify-errbot']);
    expect(await known('execution', 'get', 'core')).toEqual([]);
  });
});

describe('completion for other shells', () => {
  it('names every command', () => {
    for (const shell of ['zsh', 'fish']) expect(script(shell)).toContain('petrel rule-enforcement list');
  });
});
