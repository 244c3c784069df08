import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PETREL } from '../e2e/petrel-process.ts';

let directory: string;

const FILES = {
  'good.yaml':
    'version: 1.0\ninput:\n  - n: 1\ntasks:\n  a:\n    action: core.noop n=<% ctx().n %>\n    next:\n      - when: <% failed() %>\n        do: fail\n',
  'bad.yaml': 'version: 1.0\ntasks:\n  a:\n    action: core.noop n=<% ctx().n %>\n    next:\n      - do: b\n',
  'broken.yaml': 'version: 1.0\ntasks: [\n',
  'chain.yaml':
    'chain:\n  - name: one\n    ref: core.noop\n    on-success: two\n  - name: two\n    ref: core.echo\n    parameters: {message: "{{ word }}"}\n',
  'loop.yaml':
    'version: 1.0\ntasks:\n  a:\n    action: core.noop\n    next:\n      - do: b\n  b:\n    action: core.noop\n    next:\n      - do: b\n',
  'fails.json': '{"a": [{"status": "failed", "result": {"why": "no"}}]}',
  'odd.json': '{"a": [{"status": "odd"}]}',
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-workflow-'));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(directory, name), text);
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function workflow(...args: readonly string[]) {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PETREL, 'workflow', ...args], {
      cwd: directory,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }; // execFile rejects with these
  }
}

describe('petrel workflow lint', () => {
  it.each(['good.yaml', 'chain.yaml'])('has nothing against %s', async (file) => {
    expect(await workflow('lint', file)).toMatchObject({ code: 0, stdout: `0 errors in ${file}\n` });
  });

  it('says what is wrong and where', async () => {
    const { code, stdout } = await workflow('lint', 'bad.yaml');
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        'bad.yaml:4:5: error: Variable "n" is referenced before assignment. (context, tasks.a.input)',
        'bad.yaml:6:13: error: The task "b" is not defined. (semantic, tasks.a.next[0].do)',
        '2 errors in bad.yaml\n',
      ].join('\n'),
    );
  });

  it('does not judge code', async () => {
    const { code, stderr } = await workflow('lint', 'flow.ts');
    expect(code).toBe(2);
    expect(stderr).toContain('flow.ts is code, not a workflow in YAML; check its pack with `petrel pack lint DIR`');
  });

  it('says it to machines', async () => {
    const { stdout } = await workflow('lint', 'bad.yaml', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { type: 'context', line: 4, column: 5, language: 'yaql' },
      { type: 'semantic', line: 6, column: 13 },
    ]);
  });

  it('names the line of broken YAML, and a file that is not there', async () => {
    expect((await workflow('lint', 'broken.yaml')).stdout).toMatch(/^broken\.yaml:\d+:\d+: error: /);
    expect(await workflow('lint', 'none.yaml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('none.yaml'),
    });
  });
});

describe('petrel workflow graph', () => {
  it('draws Orquesta', async () => {
    const { stdout } = await workflow('graph', 'good.yaml');
    expect(stdout).toBe(
      [
        'flowchart TD',
        '  n0["a<br/>core.noop"]',
        '  n1(["fail"])',
        '  start(( ))',
        '  start --> n0',
        '  n0 -->|"&lt;% failed() %&gt;"| n1\n',
      ].join('\n'),
    );
  });

  it('draws action-chains', async () => {
    expect((await workflow('graph', 'chain.yaml')).stdout).toContain('n0 -->|on-success| n1');
  });
});

describe('petrel workflow simulate', () => {
  it('runs to the end with actions that succeed', async () => {
    const { code, stdout } = await workflow('simulate', 'good.yaml', '--input', 'n=5', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      actions: [
        {
          task: 'a',
          route: 0,
          item: null,
          action: 'core.noop',
          parameters: { n: 5 },
          delay: null,
          status: 'succeeded',
          result: null,
        },
      ],
      status: 'succeeded',
      result: { output: null },
    });
  });

  it('lets actions end as the outcomes say', async () => {
    const { code, stdout } = await workflow('simulate', 'good.yaml', '--outcomes', 'fails.json');
    expect(code).toBe(1);
    expect(stdout).toContain('status: failed');
    expect(stdout).toContain('{"why":"no"}');
  });

  it('runs action-chains', async () => {
    const { code, stdout } = await workflow('simulate', 'chain.yaml', '--input', 'word=hi');
    expect(code).toBe(0);
    expect(stdout).toMatch(/two +core\.echo +\{"message":"hi"\}/);
  });

  it.each([
    [['loop.yaml'], 'does not come to an end'],
    [['good.yaml', '--outcomes', 'odd.json'], 'has the status "odd"'],
    [['good.yaml', '--outcomes', 'good.yaml'], 'is no JSON'],
    [['good.yaml', '--input', 'n'], 'write name=value'],
  ])('refuses %j: %s', async (args, message) => {
    const { code, stderr } = await workflow('simulate', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
