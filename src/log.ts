import { pino } from 'pino';
import type { Masker } from './datastore/index.ts';
import type { ExecutionLog } from './executions/index.ts';
import { type Execution, traceOf } from './model/index.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Log extends ExecutionLog {
  /** A request that was answered: failures as errors, changes as info, the rest as debug. */
  request(entry: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly user: string;
  }): void;
  /** An execution that has ended: as info, one that succeeded as debug. */
  ended(execution: Execution): void;
  flush(): void;
}

/** Petrel's own log: JSON lines on standard error or in a file. Known secrets are masked by value. */
export function createLog(options: { level: LogLevel; masker: Masker; file?: string }): Log {
  const { mask } = options.masker;
  const destination = pino.destination({ dest: options.file ?? 2, sync: true, mkdir: true });
  const log = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const write =
    (level: LogLevel, fields: object = {}) =>
    (message: string) =>
      log[level](fields, mask(message));
  const leveled = (fields?: object) => ({
    debug: write('debug', fields),
    info: write('info', fields),
    warn: write('warn', fields),
    error: write('error', fields),
  });
  return {
    ...leveled(),
    about: ({ id, context }) =>
      leveled({ execution_id: id, ...(context && { trace_id: traceOf({ id, context }).id }) }),
    request(entry) {
      const { method, route, status, user } = entry;
      const reading = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
      const level: LogLevel = status >= 500 ? 'error' : reading ? 'debug' : 'info';
      log[level]({ ...entry, user: mask(user) }, `${method} ${route}: ${status}`);
    },
    ended(execution) {
      const { id, actionRef, status, createdAt, startedAt = createdAt, endedAt = startedAt, context } = execution;
      const level: LogLevel = status === 'succeeded' ? 'debug' : 'info';
      if (!log.isLevelEnabled(level)) return;
      const entry = {
        execution_id: id,
        trace_id: traceOf(execution).id,
        action: actionRef,
        status,
        milliseconds: endedAt - startedAt,
        user: mask(typeof context.user === 'string' ? context.user : ''),
        ...(execution.parentId !== undefined && { parent_id: execution.parentId }),
        ...(execution.taskName !== undefined && { task: execution.taskName }),
        ...(execution.ruleRef !== undefined && { rule: execution.ruleRef }),
        ...(execution.triggerInstanceId !== undefined && { trigger_instance_id: execution.triggerInstanceId }),
      };
      log[level](entry, `${actionRef}: ${status}`);
    },
    flush: () => destination.flushSync(),
  };
}
