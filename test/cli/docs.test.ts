import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PETREL } from '../e2e/petrel-process.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The commands of a page's `console` blocks, each with what it prints there. */
function examplesOf(page: string): { command: string; printed: string }[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((example) => {
        const end = example.indexOf('\n');
        return { command: example.slice(0, end), printed: example.slice(end + 1) };
      }),
  );
}

async function printedBy(command: string): Promise<string> {
  const script = `petrel() { '${process.execPath}' '${PETREL}' "$@"; }\n${command}`;
  try {
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', script], { cwd: ROOT });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }; // execFile rejects with these
    return stdout + stderr;
  }
}

for (const page of readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))) {
  const examples = examplesOf(page);
  if (examples.length === 0) continue;
  describe(`docs/${page}`, () => {
    it.each(examples)('shows what $command prints', async ({ command, printed }) => {
      expect(await printedBy(command)).toBe(printed);
    });
  });
}
