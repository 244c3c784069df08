import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PETREL } from '../e2e/petrel-process.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function ran(command: string, args: readonly string[]): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args);
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ran; // execFile rejects with these
    return { code, stdout, stderr };
  }
}

const petrelEval = (...args: readonly string[]) => ran(process.execPath, [PETREL, 'eval', ...args]);

describe('petrel eval', () => {
  it.each([
    [['<% ctx().a + 1 %>', '--context', '{"a":1}'], '2\n'],
    [['{{ ctx().a }}', '--context', '{"a":1.0}'], '1.0\n'],
    [['{{ ctx().a }}', '--context', '{"a":"text"}'], 'text\n'],
    [['{{ ctx().a }}', '--context', '{"a":"text"}', '--json'], '"text"\n'],
    [['<% 12345678901234567890 * 10 %>'], '123456789012345678900\n'],
    [['<% set(1, 1) %>'], '[\n  1\n]\n'],
    [['<% datetime(2024, 2, 29) %>'], '2024-02-29 00:00:00+00:00\n'],
    [['<% null %>'], 'null\n'],
    [['ctx().a | upper', '--language', 'jinja', '--context', '{"a":"x"}'], 'X\n'],
    [['<% 1 %> {{ 2 }}', '--language', 'yaql'], '1 {{ 2 }}\n'],
    [['<% 1 %> {{ 2 }}'], '<% 1 %> 2\n'],
  ])('%j prints %j', async (args, stdout) => {
    expect(await petrelEval(...args)).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('reads the variables from a file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'petrel-eval-'));
    try {
      await writeFile(join(directory, 'context.json'), '{"a": [1, 2]}');
      const { stdout } = await petrelEval('<% ctx().a.sum() %>', '--context', `@${join(directory, 'context.json')}`);
      expect(stdout).toBe('3\n');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('fails with the place and a hint, for machines as JSON', async () => {
    const { code, stdout, stderr } = await petrelEval('{{ ctx().nam }}', '--context', '{"name":1}', '--json');
    expect([code, stdout]).toEqual([1, '']);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'expression',
      details: {
        language: 'jinja',
        expression: '{{ ctx().nam }}',
        exception: 'JinjaEvaluationException',
        kind: 'Unresolved',
        hint: "Did you mean 'name'?",
      },
    });
  });

  it.each([
    [['plain'], 'holds no expression'],
    [['<% 1 %>', '--context', '{'], 'The context cannot be read'],
    [['<% 1 %>', '--context', '[]'], 'must be a JSON object'],
    [['<% 1 %>', '--context', '@/nowhere/at/all'], 'no such file'],
  ])('%j is wrong use: %s', async (args, message) => {
    const { code, stderr } = await petrelEval(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
