import { pino } from 'pino';
import type { Masker } from './datastore/index.ts';
import type { Logger } from './sdk/index.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Petrel's own log: JSON lines on standard error or in a file. Known secrets are masked by value. */
export function createLog(options: { level: LogLevel; masker: Masker; file?: string }): Logger & { flush(): void } {
  const destination = pino.destination({ dest: options.file ?? 2, sync: true, mkdir: true });
  const log = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const write = (level: LogLevel) => (message: string) => log[level](options.masker.mask(message));
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    flush: () => destination.flushSync(),
  };
}
