import type { Execution } from '../client/index.ts';
import { drawTree, lineOf, treeOf } from './execution-tree.ts';

/** Shows how a workflow stands, each time it is looked at. */
export interface Progress {
  show(execution: Execution, descendants: readonly Execution[]): void;
}

interface Screen {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** One line for each task whose status changed: for logs, pipes, and beside what the tasks print. */
export function plainProgress(screen: Screen): Progress {
  const shown = new Map<string, string>();
  return {
    show(_, descendants) {
      for (const one of descendants) {
        if (shown.get(one.id) === one.status) continue;
        shown.set(one.id, one.status);
        screen.write(`${lineOf(one)}\n`);
      }
    },
  };
}

/** The whole tree, drawn over itself. Of one that is higher than the screen, its end: that is where it goes on. */
export function liveProgress(screen: Screen): Progress {
  let height = 0;
  let drawn = '';
  return {
    show(execution, descendants) {
      const { columns = 80, rows = 24 } = screen;
      const all = drawTree(treeOf(execution, descendants));
      const hidden = Math.max(0, all.length - (rows - 2));
      const lines = hidden === 0 ? all : [`… ${hidden + 1} lines above`, ...all.slice(hidden + 1)];
      // A line that wraps would be two.
      const text = lines.map((line) => `${line.slice(0, columns - 1)}\n`).join('');
      if (text === drawn) return;
      screen.write(`${height === 0 ? '' : `\x1b[${height}A\x1b[0J`}${text}`);
      height = lines.length;
      drawn = text;
    },
  };
}
