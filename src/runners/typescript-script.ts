import { type FinalStatus, type Json, messageOf } from '../model/index.ts';
import { type ActionContext, type ActionDefinition, isTransientError, type z } from '../sdk/index.ts';
import { type ActionLog, actionLog } from './action-logger.ts';
import type { Run, RunEnd, Runner } from './runner.ts';
import { withStrayRejections } from './stray-rejections.ts';
import { describeIssues, inputOf, storable } from './typescript-values.ts';

export interface TypescriptSettings {
  /** Loads the action that a file of a pack exports; rejects with a message naming file and line. */
  loadAction(path: string): Promise<ActionDefinition>;
  /** Milliseconds an action gets to finish after its signal was aborted; default 5,000. */
  readonly grace?: number;
}

/** Seconds, as python-script. */
const TIMEOUT = 600;

const GRACE = 5_000;

const LONGEST = 2 ** 31 - 1;

/**
 * An action written with the SDK, run inside this process. Its result has python-script's shape (stackstorm-packs.md,
 * section 5.6): `result` is what `run` answered, `stderr` what it logged. An action that never yields cannot be interrupted:
 * work that computes for long belongs into a shell script or a process of its own.
 */
export function typescriptScript(settings: TypescriptSettings): Runner {
  return {
    name: 'typescript-script',
    description: 'Runs an action written in TypeScript.',
    parameters: {
      timeout: {
        type: 'number',
        description: `Seconds until the action is aborted; default: the action's own, else ${TIMEOUT}.`,
      },
    },
    outputKey: 'result',
    async run(run) {
      return await runDefinition(() => settings.loadAction(run.action.entryPath), run, settings.grace);
    },
  };
}

/** Runs a definition inside this process and answers its end; what `load` rejects with is a failure, too. */
export async function runDefinition(
  load: () => Promise<ActionDefinition>,
  run: Run,
  grace: number = GRACE,
): Promise<RunEnd> {
  const log = actionLog((stream, data) => run.output(stream, data));
  try {
    const definition = await load();
    return await withStrayRejections(
      (message) => log.logger.error(message),
      () => perform(definition, run, log, grace),
    );
  } catch (error) {
    return failure(log, error);
  } finally {
    log.close();
  }
}

/** How waiting for the action ended. */
type Ending =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'given up' };

async function perform(definition: ActionDefinition, run: Run, log: ActionLog, grace: number): Promise<RunEnd> {
  const parsed = await definition.input.safeParseAsync(inputOf(definition.input, run.actionParameters));
  if (!parsed.success) {
    return failed(log, `The parameters of ${run.action.ref} are not valid: ${describeIssues(parsed.error)}`);
  }
  const given = run.runnerParameters.timeout;
  const seconds = typeof given === 'number' ? given : (definition.timeout ?? TIMEOUT);
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new Error(`Action failed to complete in ${seconds} seconds`)),
    Math.min(seconds * 1000, LONGEST),
  );
  const signal = AbortSignal.any([run.signal, limit.signal]);
  try {
    const context = contextOf(parsed.data, run, log, signal);
    const ending = await settle(definition, context, signal, grace);
    // Whichever aborted first is what the combined signal's reason tells.
    if (signal.aborted) return signal.reason === limit.signal.reason ? timedOut(log, seconds) : canceled(log);
    if (ending.kind === 'answered') return await succeed(definition, ending.value, run, log);
    return failure(log, ending.kind === 'threw' ? ending.error : new Error('The action gave no answer.'));
  } finally {
    clearTimeout(timer);
  }
}

function contextOf<Input>(input: Input, run: Run, log: ActionLog, signal: AbortSignal): ActionContext<Input> {
  const { services, execution } = run;
  return {
    input,
    logger: log.logger,
    datastore: services.datastore,
    config: services.config,
    signal,
    execution,
    kubernetes: services.kubernetes,
    secret(value) {
      services.markSecret(value);
      return value;
    },
  };
}

/** Waits for the action, and after the signal for `grace` milliseconds more; what comes later is ignored. */
function settle(
  definition: ActionDefinition,
  context: ActionContext<z.output<z.ZodObject>>,
  signal: AbortSignal,
  grace: number,
): Promise<Ending> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = () => {
      timer = setTimeout(() => resolve({ kind: 'given up' }), grace);
    };
    const end = (ending: Ending) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      resolve(ending);
    };
    if (signal.aborted) {
      end({ kind: 'given up' });
      return;
    }
    signal.addEventListener('abort', giveUp, { once: true });
    // Inside a promise, so that a `run` that throws at once is treated as one that rejects.
    new Promise((answer) => answer(definition.run(context))).then(
      (value) => end({ kind: 'answered', value }),
      (error: unknown) => end({ kind: 'threw', error }),
    );
  });
}

async function succeed(definition: ActionDefinition, value: unknown, run: Run, log: ActionLog): Promise<RunEnd> {
  let answer = value;
  if (definition.output !== undefined) {
    const checked = await definition.output.safeParseAsync(value);
    if (!checked.success) {
      return failed(log, `What ${run.action.ref} answered does not fit its output: ${describeIssues(checked.error)}`);
    }
    answer = checked.data;
  }
  try {
    return { status: 'succeeded', result: document(log, storable(answer), 0) };
  } catch (error) {
    return failed(log, `What ${run.action.ref} answered cannot be stored as JSON: ${messageOf(error)}`);
  }
}

function failure(log: ActionLog, error: unknown): RunEnd {
  log.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const result = failed(log, messageOf(error));
  return isTransientError(error) ? { ...result, transient: true } : result;
}

function failed(log: ActionLog, error: string): RunEnd {
  return ended('failed', log, 1, error);
}

function timedOut(log: ActionLog, seconds: number): RunEnd {
  return ended('timeout', log, -9, `Action failed to complete in ${seconds} seconds`);
}

function canceled(log: ActionLog): RunEnd {
  return ended('canceled', log, -15, 'The action was canceled.');
}

function ended(status: FinalStatus, log: ActionLog, exitCode: number, error: string): RunEnd {
  return { status, result: { ...document(log, null, exitCode), error } };
}

function document(log: ActionLog, result: Json, exitCode: number) {
  return { result, stdout: '', stderr: log.text(), exit_code: exitCode };
}
