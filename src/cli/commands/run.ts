import type { Client, Execution, OutputEvent } from '../../client/index.ts';
import { parseParameters } from '../arguments.ts';
import { connect } from '../client.ts';
import { EXIT_CODES, followToEnd, tail } from '../follow.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';
import { liveProgress, plainProgress } from '../progress.ts';
import { describeExecution } from './execution.ts';

interface RunOptions extends GlobalOptions {
  readonly async?: boolean;
  readonly tail?: boolean;
}

/** Requests an execution and says its id. */
export async function request(action: string, words: readonly string[], options: GlobalOptions): Promise<void> {
  const execution = await requestOf(connect(options), action, words);
  print(execution, options.json === true, () => execution.id);
}

/** The exit code says how the execution ended; see EXIT_CODES. */
export async function run(action: string, words: readonly string[], options: RunOptions): Promise<number> {
  if (options.async === true) {
    await request(action, words, options);
    return 0;
  }
  const client = connect(options);
  const requested = await requestOf(client, action, words);
  onInterrupt(client, requested.id);
  // Standard output is for the outcome, where a program reads it.
  const write = ({ data }: OutputEvent) => void (options.json === true ? process.stderr : process.stdout).write(data);
  const isLive = process.stderr.isTTY === true && options.tail !== true;
  const [execution] = await Promise.all([
    followToEnd(client, requested, isLive ? liveProgress(process.stderr) : plainProgress(process.stderr), say),
    options.tail === true ? tail(client, requested, write, () => {}) : undefined,
  ]);
  print(execution, options.json === true, () => describeExecution(execution, []));
  return EXIT_CODES[execution.status];
}

async function requestOf(client: Client, action: string, words: readonly string[]): Promise<Execution> {
  return await client.call('POST /executions', { body: { action, parameters: await parseParameters(words) } });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** As st2: Ctrl-C cancels the execution, and its end is waited for; a second one ends the command at once. */
function onInterrupt(client: Client, id: string): void {
  process.once('SIGINT', () => {
    say(`\nCanceling ${id} ...`);
    client.call('DELETE /executions/{id}', { path: { id } }).catch((error: unknown) => say(`petrel: ${String(error)}`));
  });
}
