import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMasker } from '../src/datastore/index.ts';
import { createLog, type Log, type LogLevel } from '../src/log.ts';
import { type Execution, traceOf } from '../src/model/index.ts';

const EXECUTION: Execution = {
  id: '0193f0a1b2c3000012345678',
  actionRef: 'shop.sell',
  runnerType: 'noop',
  status: 'failed',
  parameters: {},
  context: { user: 'open-sesame' },
  parentId: '0193f0a1b2c3000012345677',
  taskName: 'sell',
  createdAt: 1000,
  startedAt: 2000,
  endedAt: 2500,
  attempt: 1,
  log: [],
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'petrel-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** What is in the file after that, without the times. */
function written(level: LogLevel, work: (log: Log) => void): readonly object[] {
  const file = join(directory, 'petrel.log');
  const masker = createMasker();
  masker.add('open-sesame');
  const log = createLog({ level, masker, file });
  work(log);
  log.flush();
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const { time: _time, level: _level, ...rest } = JSON.parse(line);
    return rest;
  });
}

describe('A line of the log', () => {
  it('about an execution has its id and, where that is known, its trace', () => {
    const lines = written('info', (log) => {
      log.about(EXECUTION).warn('It says open-sesame.');
      log.about({ id: EXECUTION.id }).info('It ends.');
      log.error('Nothing works.');
    });
    const { id } = EXECUTION;
    expect(lines).toEqual([
      { execution_id: id, trace_id: traceOf(EXECUTION).id, msg: 'It says ********.' },
      { execution_id: id, msg: 'It ends.' },
      { msg: 'Nothing works.' },
    ]);
  });

  it('tells of the end of an execution, of a success to those only who want to know everything', () => {
    const work = (log: Log) => {
      log.ended(EXECUTION);
      log.ended({ ...EXECUTION, status: 'succeeded' });
    };
    const failed = {
      execution_id: EXECUTION.id,
      trace_id: traceOf(EXECUTION).id,
      action: 'shop.sell',
      status: 'failed',
      milliseconds: 500,
      user: '********',
      parent_id: EXECUTION.parentId,
      task: 'sell',
      msg: 'shop.sell: failed',
    };
    expect(written('info', work)).toEqual([failed]);
    rmSync(join(directory, 'petrel.log'));
    expect(written('debug', work)).toEqual([failed, { ...failed, status: 'succeeded', msg: 'shop.sell: succeeded' }]);
  });
});
