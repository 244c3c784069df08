import { setTimeout as sleep } from 'node:timers/promises';
import { type FinalStatus, type JsonObject, messageOf, type ParameterSchemas, PetrelError } from '../../model/index.ts';
import type { KubernetesObject } from '../../sdk/index.ts';
import { failedByError } from '../failure.ts';
import { LEASE_LOST, type Run, type RunEnd, type Runner, SHUTDOWN } from '../runner.ts';
import { parsedOutput } from '../shell-result.ts';
import { ensureJob, findJob, podsOf, removeJob } from './cluster.ts';
import { createJobLog, type JobLog } from './log.ts';
import { planJob, TIMEOUT, TTL } from './manifest.ts';
import { hasCode, isOutage, throughOutages } from './outages.ts';
import { endOf, inOrder, type JobEnd, type PodState, podStateOf } from './state.ts';

/** Milliseconds between two looks while nothing is to be read; grows from the first to the second. */
const INTERVAL = [200, 3_000] as const;
/** Milliseconds for cleaning up after a cancellation. */
const CLEANING = 10_000;

const PARAMETERS: ParameterSchemas = {
  image: { type: 'string', description: 'The image to run.', required: true },
  command: { type: 'array', description: "The program; default: the image's own entry point." },
  args: {
    type: 'array',
    description: 'Its arguments. No shell reads them. $(NAME) is a variable of env or secret_env.',
  },
  env: { type: 'object', description: 'Environment variables. What is secret in them is kept in a Secret.' },
  secret_env: { type: 'object', description: 'Environment variables that are kept in a Secret.', secret: true },
  working_dir: { type: 'string', description: "Default: the image's own." },
  resources: { type: 'object', description: 'Requests and limits, as Kubernetes writes them.' },
  namespace: { type: 'string', description: "Where it runs. Default: the cluster connection's namespace." },
  service_account: { type: 'string', description: "What it runs as. Default: the namespace's default." },
  node_selector: { type: 'object', description: 'Labels of the nodes it may run on.' },
  tolerations: { type: 'array', description: 'Taints it tolerates, as Kubernetes writes them.' },
  image_pull_policy: { type: 'string', enum: ['Always', 'IfNotPresent', 'Never'] },
  image_pull_secrets: { type: 'array', description: 'Names of Secrets with credentials for the registry.' },
  labels: { type: 'object', description: 'Labels of the pod.' },
  annotations: { type: 'object', description: 'Annotations of the pod.' },
  backoff_limit: { type: 'integer', description: 'How often a failed pod is replaced.', default: 0, minimum: 0 },
  timeout: { type: 'number', description: 'Seconds until the Job is ended.', default: TIMEOUT },
  ttl: {
    type: 'integer',
    description: 'Seconds after its end until Kubernetes takes the Job away, should Petrel not come back to do it.',
    default: TTL,
    minimum: 0,
  },
};

/** The result has the shell runners' fields; `stdout` is what the pods printed, the value it says when it is JSON. */
export const kubernetesJob = {
  name: 'kubernetes-job',
  description: 'Runs an action as a Kubernetes Job.',
  parameters: PARAMETERS,
  outputKey: 'stdout',
  async run(run: Run): Promise<RunEnd> {
    const seconds = typeof run.runnerParameters.timeout === 'number' ? run.runnerParameters.timeout : TIMEOUT;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), Math.min(seconds * 1000, 2 ** 31 - 1));
    const signal = AbortSignal.any([run.signal, limit.signal]);
    const followed: Followed = {
      log: createJobLog(run.printedLines(), (line) => run.output('stdout', line)),
      pods: [],
    };
    try {
      await follow(run, followed, signal);
      return resultOf(followed, seconds, () => clean(run, followed));
    } catch (error) {
      if (run.signal.aborted) return await leave(run, followed);
      if (limit.signal.aborted) {
        return resultOf({ ...followed, end: { kind: 'late' } }, seconds, () => clean(run, followed));
      }
      const failed = failedByError(error);
      return followed.job === undefined ? failed : { ...failed, afterwards: () => clean(run, followed) };
    } finally {
      clearTimeout(timer);
    }
  },
} satisfies Runner;

/** What is known of the Job so far. */
interface Followed {
  readonly log: JobLog;
  job?: KubernetesObject;
  pods: readonly PodState[];
  end?: JobEnd;
}

/** Makes or finds the Job and sees it to its end. */
async function follow(run: Run, followed: Followed, signal: AbortSignal): Promise<void> {
  const { kubernetes } = run.services;
  const plan = planJob(run);
  const note = (text: string) => run.output('stderr', `petrel: ${text}\n`);
  let trouble = '';
  const calling = <T>(call: () => Promise<T>): Promise<T> =>
    throughOutages(call, signal, (error) => {
      if (messageOf(error) !== trouble) note(`${messageOf(error)} Trying again.`);
      trouble = messageOf(error);
    });

  const { job, found } = await calling(() => ensureJob(kubernetes, plan, run.execution.id, signal));
  followed.job = job;
  const place = `${job.metadata.namespace}/${plan.name}`;
  if (found) note(`going on with Job ${place}`);
  const read = new Set<string>();
  let waiting = '';
  for (let interval: number = INTERVAL[0]; ; interval = Math.min(interval * 1.5, INTERVAL[1])) {
    const now = await calling(() => findJob(kubernetes, plan, signal));
    if (now === undefined || now.metadata.uid !== job.metadata.uid) {
      throw new PetrelError('not_found', `Job ${place} was deleted before it had ended.`);
    }
    const end = endOf(now);
    const pods = inOrder(await calling(() => podsOf(kubernetes, job, signal)));
    const states = pods.map(podStateOf);
    // A Job that is over takes its unfinished pods away; what was known of them still tells why.
    if (states.length > 0) followed.pods = states;
    const next = states.find(({ uid, started }) => started && !read.has(uid));
    if (next !== undefined) {
      await readLog(run, followed.log, { name: next.name, ...spaceOf(job) }, signal, calling);
      read.add(next.uid);
      interval = INTERVAL[0];
      continue;
    }
    if (end !== undefined) {
      followed.end = end;
      return;
    }
    const why = followed.pods.at(-1)?.waiting ?? '';
    if (why !== waiting && why !== '' && why !== 'ContainerCreating') note(`the pod waits: ${why}`);
    waiting = why;
    await sleep(interval, undefined, { signal });
  }
}

function spaceOf({ metadata }: KubernetesObject): { namespace?: string } {
  return metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
}

/**
 * Reads a pod's log until its container has ended, and then once more: a log that was cut off, or that is followed through a dead connection,
 * lacks its end.
 */
async function readLog(
  run: Run,
  log: JobLog,
  pod: { readonly name: string; readonly namespace?: string },
  signal: AbortSignal,
  calling: <T>(call: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const { kubernetes } = run.services;
  const reference = { apiVersion: 'v1', kind: 'Pod', ...pod };
  const hasEnded = async () => {
    try {
      return podStateOf(await kubernetes.get(reference, signal)).ended !== undefined;
    } catch (error) {
      if (hasCode(error, 'not_found')) return true;
      throw error;
    }
  };
  for (let wait: number = INTERVAL[0]; !(await calling(hasEnded)); wait = Math.min(wait * 1.5, INTERVAL[1])) {
    const following = new AbortController();
    const watching = watchOver(hasEnded, following, signal);
    try {
      await log.read(kubernetes, pod, { follow: true, signal: AbortSignal.any([signal, following.signal]) });
    } catch (error) {
      if (signal.aborted) throw error;
      // Whatever cut it off, reading goes on; a log that nobody gives out is said once, at the end.
    } finally {
      following.abort();
      await watching;
    }
    await sleep(wait, undefined, { signal });
  }
  for (let tries = 1; ; tries += 1) {
    try {
      await log.read(kubernetes, pod, { follow: false, signal });
      break;
    } catch (error) {
      if (signal.aborted) throw error;
      if (!isOutage(error) || tries >= READING) {
        run.output('stderr', `petrel: the log of pod ${pod.name} cannot be read to its end: ${messageOf(error)}\n`);
        break;
      }
      // An outage of the whole API is waited out; a log that only its dead node could give out is not.
      await calling(hasEnded);
      await sleep(INTERVAL[0] * 2 ** tries, undefined, { signal });
    }
  }
  log.end(pod);
}

/** How often a log is asked for that the API cannot give out although it answers everything else. */
const READING = 6;

/** Milliseconds. */
const WATCHING = 10_000;

/** Cuts the following of a log short when its container has ended for a while and the connection does not say so. */
async function watchOver(
  hasEnded: () => Promise<boolean>,
  following: AbortController,
  signal: AbortSignal,
): Promise<void> {
  const either = AbortSignal.any([signal, following.signal]);
  let times = 0;
  while (!either.aborted && times < 2) {
    await sleep(WATCHING, undefined, { signal: either }).catch(() => undefined);
    if (either.aborted) return;
    times = (await hasEnded().catch(() => false)) ? times + 1 : 0;
  }
  following.abort();
}

function resultOf(followed: Followed, seconds: number, afterwards: () => Promise<void>): RunEnd {
  const { log, job, end, pods } = followed;
  const last = pods.findLast(({ ended }) => ended !== undefined) ?? pods.at(-1);
  const { status, error } = judge(followed, seconds);
  const code = status === 'succeeded' ? 0 : end?.kind === 'late' ? -9 : (last?.ended?.exitCode ?? -1);
  const result: JsonObject = {
    failed: status !== 'succeeded',
    succeeded: status === 'succeeded',
    return_code: code,
    stdout: parsedOutput(log.text()),
    stderr: '',
    ...placeOf(job),
    ...(last && { pod: last.name }),
    ...(error !== undefined && { error }),
  };
  return { status, result, afterwards };
}

function placeOf(job: KubernetesObject | undefined): JsonObject {
  return job === undefined ? {} : { job: job.metadata.name, namespace: job.metadata.namespace ?? '' };
}

function judge({ end, pods }: Followed, seconds: number): { readonly status: FinalStatus; readonly error?: string } {
  if (end?.kind === 'complete') return { status: 'succeeded' };
  const last = pods.at(-1);
  if (end?.kind === 'late') {
    const waiting =
      last !== undefined && !last.started && last.waiting !== '' ? `; its pod waited: ${last.waiting}` : '';
    return { status: 'timeout', error: `Action failed to complete in ${seconds} seconds${waiting}` };
  }
  const { exitCode, reason = '' } = last?.ended ?? {};
  const why = end?.kind === 'failed' && exitCode === undefined ? end.reason : reason === 'Error' ? '' : reason;
  const how = exitCode === undefined ? 'The Job failed' : `The container ended with ${exitCode}`;
  return { status: 'failed', error: why === '' ? `${how}.` : `${how} (${why}).` };
}

/** The run is over here. When it goes on in another attempt the Job is left to it, else taken away. */
async function leave(run: Run, followed: Followed): Promise<RunEnd> {
  const { reason } = run.signal;
  if (reason !== SHUTDOWN && reason !== LEASE_LOST) {
    const failure = await removal(run, followed);
    if (failure !== undefined) run.output('stderr', `petrel: ${failure}\n`);
  }
  const canceled = failedByError(new PetrelError('canceled', 'The action was canceled.'), 'canceled');
  return { ...canceled, result: { error: 'The action was canceled.', ...placeOf(followed.job) } };
}

/** What could not be removed now is found by the sweep of the next start, or by Kubernetes when its time to live is over. */
async function clean(run: Run, followed: Followed): Promise<void> {
  await removal(run, followed);
}

/** Answers why the Job could not be removed. */
async function removal(run: Run, followed: Followed): Promise<string | undefined> {
  const { kubernetes } = run.services;
  const signal = AbortSignal.timeout(CLEANING);
  try {
    await throughOutages(
      async () => {
        // The answer to its creation may have been lost with the cancellation.
        const job = followed.job ?? (await findJob(kubernetes, planJob(run), signal));
        if (job !== undefined) await removeJob(kubernetes, job, signal);
      },
      signal,
      () => {},
    );
    return undefined;
  } catch (error) {
    return `The Job of this execution could not be removed: ${messageOf(error)}`;
  }
}
