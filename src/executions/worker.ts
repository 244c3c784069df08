import { type Cipher, type KeyValueStore, type Masker, openParameters } from '../datastore/index.ts';
import type { Action, Execution, JsonObject, RetryPolicy } from '../model/index.ts';
import { messageOf, PetrelError } from '../model/index.ts';
import type { Runner, RunResult } from '../runners/index.ts';
import type { Datastore, KubernetesApi } from '../sdk/index.ts';
import { reasonOf } from '../workflows/index.ts';
import type { OutputRecorder } from './output.ts';
import { mergeSchemas, renderFinal } from './parameters/index.ts';
import { findAction, type Preparation, packConfig, runnerParametersOf } from './prepare.ts';
import type { RunTokens } from './run-tokens.ts';
import { sealResult } from './secret-outputs.ts';

export interface WorkerServices {
  readonly cipher: Cipher;
  readonly masker: Masker;
  readonly keys: KeyValueStore;
  readonly kubernetes: KubernetesApi;
  /** ST2_ACTION_* variables of one execution. */
  environment(execution: Execution, action: Action): Readonly<Record<string, string>>;
  /** Absent: what runs cannot call the API. */
  readonly tokens?: RunTokens;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** A fresh preparation: one state of the registry and of the datastore. */
  prepare(): Preparation;
}

/**
 * Runs one claimed execution to a result: final parameters, runner, retries of transient failures, secrets sealed in what
 * it answers. Never rejects: whatever goes wrong is the execution's result. Stores nothing but output.
 */
export async function runExecution(
  services: WorkerServices,
  runner: Runner,
  execution: Execution,
  recorder: OutputRecorder,
  signal: AbortSignal,
): Promise<RunResult> {
  const { cipher, masker } = services;
  let outputSchema: Action['outputSchema'];
  const sealed = (run: RunResult): RunResult => {
    const described = { outputKey: runner.outputKey, ...(outputSchema && { outputSchema }) };
    return run.status === 'pending'
      ? { ...run, result: sealResult(run.result, described, services) }
      : { ...run, result: sealResult(run.result, described, services) };
  };
  let token: string | undefined;
  try {
    const preparation = services.prepare();
    const user = typeof execution.context.user === 'string' ? execution.context.user : '';
    const { action, config, runnerParameters, actionParameters } = await preparation.inputs.evaluate(() => {
      const action = findAction(preparation, execution.actionRef);
      const config = packConfig(preparation, action.pack, user);
      const schemas = runnerParametersOf(preparation, action);
      return {
        action,
        config,
        ...renderFinal({
          runnerParameters: schemas,
          actionParameters: action.parameters,
          values: openParameters(execution.parameters, mergeSchemas(schemas, action.parameters), cipher, masker),
          variables: {},
          actionContext: execution.context,
          config: () => config,
          jinja: preparation.jinja,
          key: preparation.inputs.key,
        }),
      };
    });
    outputSchema = action.outputSchema;
    const attempt = () =>
      runner.run({
        execution: { id: execution.id, attempt: execution.attempt, user },
        action,
        runnerParameters,
        actionParameters,
        environment: services.environment(execution, action),
        signal,
        output: recorder.output,
        printedLines: recorder.printedLines,
        services: {
          config,
          datastore: systemDatastore(services.keys),
          kubernetes: services.kubernetes,
          ...(services.tokens && {
            credentials: () => {
              token ??= services.tokens?.issue({ user, pack: action.pack });
              return token === undefined ? {} : { ST2_ACTION_AUTH_TOKEN: token };
            },
          }),
          markSecret: masker.add,
          mask: masker.mask,
        },
      });
    return sealed(await withRetries(action.retry, attempt, services.sleep, signal, recorder));
  } catch (error) {
    return sealed({ status: 'failed', result: failure(error) });
  } finally {
    // After its result is sealed: a token that the action printed is hidden there, too.
    if (token !== undefined) services.tokens?.revoke(token);
  }
}

/**
 * Repeats transient failures. The waits are spent while the lease is held; a restart in between begins the count anew, which
 * errs on the side of trying more often.
 */
async function withRetries(
  policy: RetryPolicy | undefined,
  attempt: () => Promise<RunResult>,
  sleep: WorkerServices['sleep'],
  signal: AbortSignal,
  recorder: OutputRecorder,
): Promise<RunResult> {
  for (let tries = 0; ; tries++) {
    const outcome = await attempt();
    if (outcome.status !== 'failed' || outcome.transient !== true || signal.aborted) return outcome;
    if (policy === undefined || tries >= policy.count) return outcome;
    const seconds = Math.min(policy.delay * 2 ** tries, policy.maxDelay);
    recorder.output(
      'stderr',
      `petrel: ${reasonOf(outcome.result)} (transient; try ${tries + 1} of ${policy.count + 1}); trying again in ${seconds} s\n`,
    );
    await sleep(seconds * 1000, signal);
    if (signal.aborted) return { status: 'canceled', result: outcome.result };
  }
}

/** StackStorm's result of an execution that failed before or around its runner. */
export function failure(error: unknown): JsonObject {
  const traceback = error instanceof PetrelError || !(error instanceof Error) ? '' : (error.stack ?? '');
  return { error: messageOf(error), traceback };
}

/** The datastore as code of packs sees it: keys of the system, decrypted. */
export function systemDatastore(keys: KeyValueStore): Datastore {
  return {
    get: async (name) => (await keys.get({ name }, { decrypt: true }))?.value,
    set: async (name, value, options = {}) => {
      await keys.set({ name }, value, options);
    },
    delete: (name) => keys.delete({ name }),
    list: async (prefix) => (await keys.list({}, { prefix })).items.map(({ name, secret }) => ({ name, secret })),
  };
}
