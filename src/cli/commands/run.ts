import type { Client, Execution, OutputEvent } from '../../client/index.ts';
import { isJsonObject, type JsonObject, PetrelError } from '../../model/index.ts';
import { parseParameters, type Schemas } from '../arguments.ts';
import { connect } from '../client.ts';
import { EXIT_CODES, followToEnd } from '../follow.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';
import { describeParameters } from '../parameters.ts';
import { liveProgress, plainProgress } from '../progress.ts';
import { tail } from '../tail.ts';
import { type ResultOptions, showExecution } from './execution.ts';

/** How an action is run. */
export interface HowOptions extends GlobalOptions, ResultOptions {
  readonly async?: boolean;
  readonly tail?: boolean;
  readonly inheritEnv?: boolean;
  readonly user?: string;
  readonly delay?: string;
  readonly autoDict?: boolean;
}

export interface RunOptions extends HowOptions {
  readonly traceTag?: string;
  readonly traceId?: string;
}

/** Requests an execution. The exit code says how it ended, see EXIT_CODES; when it is not waited for, its id is printed. */
export async function run(action: string, words: readonly string[], options: RunOptions): Promise<number> {
  const client = await connect(options);
  const requested = await client.call('POST /executions', {
    body: {
      action,
      parameters: await parametersOf(client, action, words, options),
      ...settingsOf(options),
      ...contextOf(options),
    },
  });
  return await attend(client, requested, options);
}

/** Follows what was requested to its end, or prints its id. */
export async function attend(client: Client, requested: Execution, options: HowOptions): Promise<number> {
  if (options.async === true && options.tail !== true) {
    await print(requested, options, () => requested.id);
    return 0;
  }
  onInterrupt(client, requested.id);
  // Standard output is for the outcome, where a program reads it.
  const isForMachine = options.json === true || options.yaml === true;
  const write = ({ data }: OutputEvent) => void (isForMachine ? process.stderr : process.stdout).write(data);
  const isLive = process.stderr.isTTY === true && options.tail !== true;
  const [execution] = await Promise.all([
    followToEnd(client, requested, isLive ? liveProgress(process.stderr) : plainProgress(process.stderr), say),
    options.tail === true ? tail(client, requested, write, () => {}) : undefined,
  ]);
  await showExecution(client, execution, options, { withTasks: false });
  return EXIT_CODES[execution.status];
}

/** What was written, read as the action's parameters want it. */
export async function parametersOf(
  client: Client,
  action: string,
  words: readonly string[],
  { autoDict = false, inheritEnv = false }: HowOptions,
): Promise<JsonObject> {
  const parameters = await parseParameters(words, () => schemasOf(client, action), { autoDict });
  return inheritEnv ? { ...parameters, env: inheritedEnvironment(process.env) } : parameters;
}

/** Nothing of an action that is not there, or may not be looked at: what is requested says so. */
async function schemasOf(client: Client, ref: string): Promise<Schemas> {
  try {
    return (await client.call('GET /actions/views/parameters/{ref}', { path: { ref } })).parameters;
  } catch (error) {
    if (error instanceof PetrelError && (error.code === 'not_found' || error.code === 'forbidden')) return {};
    throw error;
  }
}

export function settingsOf({ user, delay }: HowOptions): { readonly user?: string; readonly delay?: number } {
  const milliseconds = delay === undefined ? undefined : Number(delay);
  if (milliseconds !== undefined && !(milliseconds >= 0)) {
    throw new PetrelError('invalid', `--delay takes a number of milliseconds, not "${delay}".`);
  }
  return { ...(user !== undefined && { user }), ...(milliseconds !== undefined && { delay: milliseconds }) };
}

/** As st2: a trace that there is comes before the tag of a new one. */
function contextOf({ traceTag, traceId }: RunOptions): { readonly context?: JsonObject } {
  if (traceId !== undefined) return { context: { trace_context: { id_: traceId } } };
  return traceTag === undefined ? {} : { context: { trace_context: { trace_tag: traceTag } } };
}

/** What belongs to a shell and not to what it starts, as st2's list has it. */
const OWN_VARIABLES =
  /^(?:pwd|mail|username|user|path|home|ps1|shell|pythonpath|ssh_tty|ssh_connection|lang|ls_colors|logname|oldpwd|term|xdg_session_id|_)$/i;
/** Who asks stays here. */
const CREDENTIALS = /^(?:ST2_AUTH_TOKEN|ST2_API_KEY|PETREL_TOKEN)$/;

function inheritedEnvironment(env: NodeJS.ProcessEnv): JsonObject {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || OWN_VARIABLES.test(name) || CREDENTIALS.test(name) ? [] : [[name, value]],
    ),
  );
}

/** `petrel run -h ACTION`: what it is, what it takes, and what it must be given. */
export async function explain(ref: string, options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  const action = await client.call('GET /actions/{ref}', { path: { ref } });
  const { parameters } = await client.call('GET /actions/views/parameters/{ref}', { path: { ref } });
  const entries = Object.entries(parameters)
    .filter(([, schema]) => isJsonObject(schema) && schema.immutable !== true)
    .sort(([, left], [, right]) => Number(left.position ?? Infinity) - Number(right.position ?? Infinity) || 0);
  const isRequired = ([, { required, default: fallback }]: [string, JsonObject]) =>
    required === true && fallback === undefined;
  const part = (title: string, some: [string, JsonObject][]) =>
    some.length === 0 ? [] : [`${title}:\n${describeParameters(Object.fromEntries(some))}`];
  await print({ ...action, parameters: Object.fromEntries(entries) }, options, () =>
    [
      `${action.ref}: ${action.description === '' ? 'no description' : action.description}`,
      ...part('Required', entries.filter(isRequired)),
      ...part(
        'Optional',
        entries.filter((entry) => !isRequired(entry)),
      ),
    ].join('\n\n'),
  );
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
