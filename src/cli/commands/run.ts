import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../model/index.ts';
import { parseParameters } from '../arguments.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../main.ts';
import { print } from '../output.ts';
import { describeExecution } from './execution.ts';

const FINAL = ['succeeded', 'failed', 'timeout', 'abandoned', 'canceled'];
/** Seconds one request waits for the end. */
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
  for (;;) {
    const execution = (await call(connection, 'GET', `/executions/${requested.id}?wait=${WAIT}`)).body as JsonObject; // an execution
    if (FINAL.includes(String(execution.status))) {
      print(execution, options.json === true, () => describeExecution(execution, []));
      return execution.status === 'succeeded' ? 0 : 1;
    }
    await sleep(100);
  }
}
