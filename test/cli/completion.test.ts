import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { PETREL } from '../e2e/petrel-process.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'petrel-completion-'));
  writeFileSync(join(directory, 'bash'), script('bash'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const script = (shell: string) => execFileSync(process.execPath, [PETREL, 'completion', shell], { encoding: 'utf8' });

/** What bash offers for the last word. */
function offered(...words: readonly string[]): string[] {
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _petrel; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-c', program, 'bash', join(directory, 'bash'), 'petrel', ...words];
  return execFileSync('bash', args, { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '');
}

describe('completion for bash', () => {
  it('offers every command there is', () => {
    const nouns = createProgram().commands.map((command) => command.name());
    expect(nouns.length).toBeGreaterThan(30);
    expect(offered('')).toEqual(expect.arrayContaining(nouns));
    for (const command of createProgram().commands) {
      const verbs = command.commands.map((one) => one.name());
      expect(offered(command.name(), '')).toEqual(expect.arrayContaining(verbs));
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
  ])('of %j offers %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

describe('completion for other shells', () => {
  it('names every command', () => {
    for (const shell of ['zsh', 'fish']) expect(script(shell)).toContain('petrel rule-enforcement list');
  });
});
