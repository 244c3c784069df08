import { describe, expect, it } from 'vitest';
import { drawTree, treeOf } from '../../src/cli/execution-tree.ts';
import { liveProgress, plainProgress } from '../../src/cli/progress.ts';
import type { Execution } from '../../src/client/index.ts';

function execution(id: string, status: Execution['status'], parent?: string): Execution {
  return {
    id,
    uid: id,
    status,
    start_timestamp: '',
    log: [],
    attempt: 1,
    action: { ref: `x.${id}`, pack: 'x', name: id, runner_type: 'noop' },
    runner: { name: 'noop' },
    liveaction: { id, action: '', action_is_workflow: false, parameters: {}, callback: {}, runner_info: {} },
    ...(parent !== undefined && { parent, task_name: `task-${id}` }),
  };
}

function screen(columns: number, rows: number) {
  const written: string[] = [];
  return { columns, rows, written, write: (text: string) => written.push(text) };
}

describe('a tree of executions', () => {
  it('stands below what started them, in whatever order they come', () => {
    const all = [execution('c', 'running', 'b'), execution('b', 'running', 'a'), execution('d', 'requested', 'a')];
    expect(drawTree(treeOf(execution('a', 'running'), all))).toEqual([
      'x.a  running  so far  a',
      '├─ task-b: x.b  running  so far  b',
      '│  └─ task-c: x.c  running  so far  c',
      '└─ task-d: x.d  requested  so far  d',
    ]);
  });
});

describe('progress', () => {
  it('on a terminal is drawn over itself, when something has changed', () => {
    const terminal = screen(80, 24);
    const progress = liveProgress(terminal);
    const root = execution('a', 'running');
    progress.show(root, [execution('b', 'running', 'a')]);
    progress.show(root, [execution('b', 'running', 'a')]);
    progress.show(root, [execution('b', 'succeeded', 'a')]);
    expect(terminal.written).toEqual([
      'x.a  running  so far  a\n└─ task-b: x.b  running  so far  b\n',
      '\x1b[2A\x1b[0Jx.a  running  so far  a\n└─ task-b: x.b  succeeded  so far  b\n',
    ]);
  });

  it('never takes more than the screen has', () => {
    const terminal = screen(20, 8);
    const tasks = Array.from({ length: 30 }, (_, index) => execution(`b${index}`, 'running', 'a'));
    liveProgress(terminal).show(execution('a', 'running'), tasks);
    const lines = (terminal.written[0] ?? '').trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe('… 26 lines above');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(20);
  });

  it('elsewhere is a line for each change of a task', () => {
    const log = screen(80, 24);
    const progress = plainProgress(log);
    const root = execution('a', 'running');
    for (const status of ['running', 'running', 'failed'] as const) progress.show(root, [execution('b', status, 'a')]);
    expect(log.written).toEqual(['task-b: x.b  running  so far  b\n', 'task-b: x.b  failed  so far  b\n']);
  });
});
