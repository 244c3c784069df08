import { pino } from 'pino';
import type { Masker } from './datastore/index.ts';
import type { Logger } from './sdk/index.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Petrel's own log: JSON lines on standard error or in a file. Known secrets are masked by value. */
export function createLog(options: { level: LogLevel; masker: Masker; file?: string }): Logger & {
  /** A request that was answered: failures as errors, changes as info, the rest as debug. */
  request(entry: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly user: string;
  }): void;
  flush(): void;
} {
  const destination = pino.destination({ dest: options.file ?? 2, sync: true, mkdir: true });
  const log = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const write = (level: LogLevel) => (message: string) => log[level](options.masker.mask(message));
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    request(entry) {
      const { method, route, status, user } = entry;
      const reading = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
      const level: LogLevel = status >= 500 ? 'error' : reading ? 'debug' : 'info';
      log[level]({ ...entry, user: options.masker.mask(user) }, `${method} ${route}: ${status}`);
    },
    flush: () => destination.flushSync(),
  };
}
