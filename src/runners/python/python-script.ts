import { dirname, join } from 'node:path';
import { str } from '../../expressions/index.ts';
import { messageOf, PetrelError } from '../../model/index.ts';
import { childEnvironment } from '../environment.ts';
import type { Run, RunEnd, Runner } from '../runner.ts';
import type { PythonHost, PythonLaunch } from './host.ts';
import type { PythonPack } from './pack-environment.ts';
import type { PythonProcess } from './python-process.ts';
import { type Ending, failedPython, pythonResult } from './python-result.ts';

export interface PythonRunnerSettings {
  /** Absent: actions are only described, not run. */
  readonly python?: PythonHost;
  /** Where a pack lies; undefined when it is not registered. */
  packFolder?(pack: string): string | undefined;
  /** Milliseconds between SIGTERM and SIGKILL; default 5,000. */
  readonly grace?: number;
}

/** Seconds, as StackStorm. */
const TIMEOUT = 600;

const GRACE = 5_000;

/** The longest wait a timer can hold: 24.8 days. */
const LONGEST = 2 ** 31 - 1;

/** Bytes of JSON; what an action answers is kept in the database. */
const RESULT_LIMIT = 16 * 1024 * 1024;

/** A Python action (stackstorm-packs.md, sections 5.6 and 6), each run in a process of its own that is forked from a warm interpreter. */
export function pythonScript(settings: PythonRunnerSettings): Runner {
  return {
    name: 'python-script',
    description: 'Runs an action written in Python.',
    parameters: {
      env: { type: 'object', description: 'Environment variables of the action.' },
      timeout: { type: 'integer', description: 'Seconds until the action is ended.', default: TIMEOUT },
      log_level: {
        type: 'string',
        description: "Level of the action's logger.",
        enum: ['AUDIT', 'CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG'],
        default: 'DEBUG',
      },
      debug: { type: 'boolean', description: 'Sets ST2_ACTION_DEBUG for the action.', default: false },
      content_version: {
        type: 'string',
        description: 'Git revision of the pack to run; not supported, leave it empty.',
      },
    },
    outputKey: 'result',
    async run(run) {
      const version = run.runnerParameters.content_version;
      if (typeof version === 'string' && version !== '') {
        return failedPython(
          `Action ${run.action.ref} asks for revision "${version}" of its pack (content_version); Petrel runs packs as they are on disk: leave it empty.`,
        );
      }
      if (run.action.entryPath === '') {
        return failedPython(`Action ${run.action.ref} has no entry_point: name its Python file in its metadata.`);
      }
      if (settings.python === undefined) return failedPython('There is no Python host here, so no Python action runs.');
      try {
        return await execute({ ...settings, python: settings.python }, run);
      } catch (error) {
        if (error instanceof PetrelError) return failedPython(messageOf(error));
        throw error;
      }
    },
  };
}

type Running = PythonRunnerSettings & { readonly python: PythonHost };

async function execute(settings: Running, run: Run): Promise<RunEnd> {
  const { python } = settings;
  const seconds = typeof run.runnerParameters.timeout === 'number' ? run.runnerParameters.timeout : TIMEOUT;
  const pack = {
    ref: run.action.pack,
    path: settings.packFolder?.(run.action.pack) ?? dirname(dirname(run.action.entryPath)),
  };
  // Making an environment takes minutes, and is not the run's time; who cancels does not wait for it.
  if (!(await unlessAborted(run.signal, python.prepare(pack)))) return pythonResult({ how: 'canceled' });
  const messages: string[] = [];
  const child = await python.launch(launchOf(settings, run, pack, (line) => messages.push(line)));
  const ending = await limited(child, run.signal, seconds, settings.grace ?? GRACE);
  return pythonResult({ ...ending, messages, seconds, memory: python.memory });
}

function launchOf({ python }: Running, run: Run, pack: PythonPack, message: (line: string) => void): PythonLaunch {
  const { runnerParameters, actionParameters, services, environment } = run;
  const st2 = {
    ...environment,
    ...services.credentials?.(),
    ST2_ACTION_DEBUG: runnerParameters.debug === true ? 'True' : 'False',
  };
  return {
    kind: 'action',
    pack,
    file: run.action.entryPath,
    paths: [...(python.commonLibs ? [join(pack.path, 'lib')] : []), join(pack.path, 'actions', 'lib')],
    environment: childEnvironment(runnerParameters.env, withShortNames(st2), str),
    request: {
      config: services.config,
      parameters: actionParameters,
      log_level: typeof runnerParameters.log_level === 'string' ? runnerParameters.log_level : 'DEBUG',
      result_limit: RESULT_LIMIT,
    },
    listeners: { output: (stream, data) => run.output(stream, data), message },
  };
}

/** As StackStorm: Python actions also find the names that its client library reads. */
function withShortNames(st2: Readonly<Record<string, string>>): Record<string, string> {
  const { ST2_ACTION_API_URL: url, ST2_ACTION_AUTH_TOKEN: token } = st2;
  return {
    ...st2,
    ...(url !== undefined && { ST2_API_URL: url }),
    ...(token !== undefined && { ST2_AUTH_TOKEN: token }),
  };
}

/** Sees a process to its end: its own, the time limit's, or a cancellation's. */
async function limited(child: PythonProcess, signal: AbortSignal, seconds: number, grace: number) {
  let how: Ending['how'] = 'exited';
  const end = (reason: 'timeout' | 'canceled') => {
    if (how !== 'exited') return;
    how = reason;
    child.end(grace);
  };
  const cancel = () => end('canceled');
  const timer = setTimeout(() => end('timeout'), Math.min(seconds * 1000, LONGEST));
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  try {
    const ended = await child.ended;
    return { how: how as Ending['how'], ended }; // `end` may have set it meanwhile
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

/** False when the signal comes first. */
async function unlessAborted(signal: AbortSignal, work: Promise<unknown>): Promise<boolean> {
  if (signal.aborted) return false;
  let stop = () => {};
  const aborted = new Promise<boolean>((resolve) => {
    stop = () => resolve(false);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, work.then(() => true)]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
