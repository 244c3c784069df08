import type { Execution } from '../client/index.ts';
import type { JsonObject } from '../model/index.ts';

export interface Branch {
  readonly execution: Execution;
  readonly children: readonly Branch[];
}

/** An execution with everything it started. `descendants`: in any order of levels. */
export function treeOf(execution: Execution, descendants: readonly Execution[]): Branch {
  const below = new Map<string, Execution[]>();
  for (const one of descendants) {
    const siblings = below.get(one.parent ?? '') ?? [];
    siblings.push(one);
    below.set(one.parent ?? '', siblings);
  }
  const grow = (root: Execution): Branch => ({ execution: root, children: (below.get(root.id) ?? []).map(grow) });
  return grow(execution);
}

export function asJson({ execution, children }: Branch): JsonObject {
  return { ...execution, children: children.map(asJson) };
}

/** One line for each execution: task, action, status, seconds, id. */
export function drawTree({ execution, children }: Branch): string[] {
  return [
    lineOf(execution),
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      const [first = '', ...rest] = drawTree(child);
      return [`${isLast ? '└─ ' : '├─ '}${first}`, ...rest.map((line) => `${isLast ? '   ' : '│  '}${line}`)];
    }),
  ];
}

export function lineOf(execution: Execution): string {
  const { id, task_name, action, status } = execution;
  const seconds = secondsOf(execution);
  const task = task_name === undefined ? '' : `${task_name}: `;
  return `${task}${action.ref}  ${status}  ${seconds === '' ? 'so far' : `${seconds} s`}  ${id}`;
}

/** How long an execution took; empty while it lasts. The API leaves out a zero. */
export function secondsOf({ end_timestamp: end, elapsed_seconds: seconds }: JsonObject): string {
  return end === undefined || end === null ? '' : Number(seconds ?? 0).toFixed(3);
}
