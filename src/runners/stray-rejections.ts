import { messageOf } from '../model/index.ts';

type Report = (message: string) => void;

const running = new Set<Report>();

/**
 * Runs in-process code that is not Petrel's own. A promise it forgot to await, and that rejects meanwhile, would take the whole
 * process down; instead it is reported to every run in progress (which of them it belongs to cannot be told). Once nothing
 * runs, rejections take their usual course.
 */
export async function withStrayRejections<T>(report: Report, work: () => Promise<T>): Promise<T> {
  if (running.size === 0) process.on('unhandledRejection', onStray);
  running.add(report);
  try {
    return await work();
  } finally {
    // Rejections of this turn are announced after it.
    setImmediate(() => {
      running.delete(report);
      if (running.size === 0) process.off('unhandledRejection', onStray);
    });
  }
}

function onStray(reason: unknown): void {
  const message = `A promise that nothing awaits was rejected: ${messageOf(reason)}`;
  for (const report of running) report(message);
}
