import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../model/index.ts';
import { parseParameters } from '../arguments.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../main.ts';
import { print } from '../output.ts';
import { describeExecution } from './execution.ts';

const FINAL = ['succeeded', 'failed', 'timeout', 'abandoned', 'canceled'];
/** Seconds that requests wait for the end: the first soon tells whether the execution stands still. */
const FIRST_WAIT = 1;
const WAIT = 30;

/** Exit code 0 when the execution succeeded, else 1. */
export async function run(
  action: string,
  words: readonly string[],
  options: GlobalOptions & { async?: boolean },
): Promise<number> {
  const connection = findConnection(options, process.env);
  const parameters = await parseParameters(words);
  const requested = (await call(connection, 'POST', '/executions', { action, parameters })).body as JsonObject; // an execution
  if (options.async === true) {
    print(requested, options.json === true, () => String(requested.id));
    return 0;
  }
  const cancel = async () => {
    process.stderr.write(`\nCanceling ${requested.id} ...\n`);
    await call(connection, 'DELETE', `/executions/${requested.id}`).catch(() => undefined);
  };
  process.once('SIGINT', () => void cancel());
  let told = '';
  for (let wait = FIRST_WAIT; ; wait = WAIT) {
    const execution = (await call(connection, 'GET', `/executions/${requested.id}?wait=${wait}`)).body as JsonObject; // an execution
    if (FINAL.includes(String(execution.status))) {
      print(execution, options.json === true, () => describeExecution(execution, []));
      return execution.status === 'succeeded' ? 0 : 1;
    }
    const hint = whatItWaitsFor(execution);
    if (hint !== '' && hint !== told) process.stderr.write(`${hint}\n`);
    told = hint;
    await sleep(100);
  }
}

/** What somebody has to do so that it goes on; empty while it runs. */
function whatItWaitsFor({ id, status }: JsonObject): string {
  if (status === 'pending') return `${id} waits for an answer: petrel inquiry respond ${id}`;
  if (status !== 'paused') return '';
  return `${id} stands still: answer what it asks (petrel inquiry list), or petrel execution resume ${id}`;
}
