import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { PETREL } from '../e2e/petrel-process.ts';
import { realComponent } from '../real.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const kubectl = realComponent('kubectl', 'kubectl');

export const pageOf = (name: string) => readFileSync(join(ROOT, 'docs', name), 'utf8');

/** The page's blocks of commands, each with the text that it says is printed. */
const blocksOf = (page: string) =>
  [...page.matchAll(/^```sh\n([\s\S]*?)^```$(?:\n\n```text\n([\s\S]*?)^```$)?/gm)].map(
    ([, commands = '', printed = '']) => ({
      commands: commands.trim().split('\n'),
      printed: printed
        .trim()
        .split('\n')
        .filter((line) => line !== ''),
    }),
  );

/** `…` stands for anything, and blanks for blanks. */
function pattern(line: string): RegExp {
  const parts = line.split('…').map((part) =>
    part
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('\\s+'),
  );
  return new RegExp(parts.join('[^\\n]*'));
}

/**
 * Does what a page says, in a directory of its own: every command must succeed and print what the page shows. `crd`: a definition that a
 * starting Petrel applies.
 */
export async function runGuide(page: string, crd?: string): Promise<void> {
  const blocks = blocksOf(page);
  const directory = await mkdtemp(join(tmpdir(), 'petrel-guide-'));
  await symlink(join(ROOT, 'examples'), join(directory, 'examples'));
  const running: ChildProcess[] = [];
  const prelude = [`petrel() { '${process.execPath}' '${PETREL}' "$@"; }`, `kubectl() { '${kubectl}' "$@"; }`];
  const env = { PATH: process.env.PATH, HOME: directory };

  /** Commands that run until they are interrupted. */
  const background = async (command: string, file: string) => {
    const [, ...args] = command.split(' ');
    // Its usual port may be taken.
    if (args[0] === 'start') args.push('--port', '0', '--log-level', 'warn');
    const child = spawn(process.execPath, [PETREL, ...args], { cwd: directory, env, stdio: 'ignore' });
    running.push(child);
    for (let tries = 0; !existsSync(join(directory, '.petrel', file)); tries += 1) {
      if (tries > 400 || child.exitCode !== null) throw new Error(`"${command}" does not come up.`);
      await sleep(50);
    }
  };

  /** Whoever reads the page is slower than a definition takes to be applied. */
  const installed = async (name: string) => {
    const kubeconfig = join(directory, '.petrel/sandbox/kubeconfig');
    for (let tries = 0; ; tries += 1) {
      try {
        await promisify(execFile)(String(kubectl), ['--kubeconfig', kubeconfig, 'get', 'crd', name], { env });
        return;
      } catch (error) {
        if (tries > 100) throw error;
        await sleep(200);
      }
    }
  };

  try {
    for (const { commands, printed } of blocks) {
      let output = '';
      for (const command of commands) {
        if (command === 'petrel sandbox') await background(command, 'sandbox/configs/consul.yaml');
        else if (command.startsWith('petrel start')) {
          await background(command, 'server.json');
          if (crd !== undefined) await installed(crd);
        } else if (command.startsWith('export ')) prelude.push(command);
        else {
          const script = [...prelude, command].join('\n');
          const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script], { cwd: directory, env });
          output += stdout;
        }
      }
      for (const line of printed) expect(output).toMatch(pattern(line));
    }
    expect(blocks.length).toBeGreaterThan(5);
  } finally {
    for (const child of running.reverse()) {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  }
}
