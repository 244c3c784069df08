import type { Logger } from '../sdk/index.ts';
import { OUTPUT_LIMIT } from './bounded-text.ts';

export interface ActionLog {
  readonly logger: Logger;
  /** All lines so far. */
  text(): string;
  /** Nothing is taken any more: the run is over for those who read it. */
  close(): void;
}

/** A logger whose lines are streamed as the run's stderr and kept for its result, both up to 10 MB. */
export function actionLog(output: (stream: 'stderr', data: string) => void): ActionLog {
  const lines: string[] = [];
  let length = 0;
  let closed = false;
  const write = (level: string, message: string) => {
    if (closed) return;
    let line = `${level.padEnd(5)} ${message}\n`;
    if (length + line.length > OUTPUT_LIMIT) {
      closed = true;
      line = `[log cut: only the first ${OUTPUT_LIMIT} characters are kept]\n`;
    }
    length += line.length;
    lines.push(line);
    output('stderr', line);
  };
  return {
    logger: {
      debug: (message) => write('DEBUG', message),
      info: (message) => write('INFO', message),
      warn: (message) => write('WARN', message),
      error: (message) => write('ERROR', message),
    },
    text: () => lines.join(''),
    close: () => {
      closed = true;
    },
  };
}
