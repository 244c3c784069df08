import { constants } from 'node:os';
import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';
import type { RunEnd } from '../runner.ts';
import type { PythonEnd } from './python-process.ts';

/** How a run ended, and what it said. */
export interface Ending {
  readonly how: 'exited' | 'timeout' | 'canceled';
  /** Absent: it was canceled before there was a process. */
  readonly ended?: PythonEnd;
  /** What came on the channel. */
  readonly messages?: readonly string[];
  /** The time limit. */
  readonly seconds?: number;
  /** The memory limit, megabytes. */
  readonly memory?: number;
}

/** What StackStorm's wrapper exits with when the status that an action answered is neither true nor false. */
const INVALID_STATUS = 220;

/** What StackStorm shows where there is no result: the text. */
const NONE = 'None';

/** What the host told of the run: what `run` answered, or what went wrong. */
type Answer =
  | { readonly kind: 'none' }
  | { readonly kind: 'answer'; readonly result: Json; readonly status: boolean | null }
  | { readonly kind: 'error'; readonly error: string; readonly memory: boolean };

/** The result of a Python action (stackstorm-packs.md, section 6.1), with an `error` that says in one sentence what went wrong. */
export function pythonResult(ending: Ending): RunEnd {
  const { how, ended, seconds = 0 } = ending;
  if (how === 'timeout') return failure('timeout', ended, -9, `Action failed to complete in ${seconds} seconds`);
  if (how === 'canceled') return failure('canceled', ended, -15, 'The action was canceled.');
  if (ended === undefined || ended.lost) {
    return failure('failed', ended, -9, 'The process that watches over the action was killed, and the action with it.');
  }
  const answer = readAnswer(ending.messages ?? []);
  if (ended.exitCode < 0) return failure('failed', ended, ended.exitCode, signalError(-ended.exitCode));
  if (answer.kind === 'error') {
    if (ended.exitCode === INVALID_STATUS) {
      return { status: 'failed', result: { error: answer.error, traceback: ended.stderr } };
    }
    const error = answer.memory
      ? `The action needed more memory than its limit of ${ending.memory} MB (PETREL_PYTHON_MEMORY).`
      : answer.error;
    return failure('failed', ended, ended.exitCode, error);
  }
  const [result, status] = answer.kind === 'answer' ? [answer.result, answer.status] : [NONE, null];
  const { exitCode, stdout, stderr } = ended;
  const document = { result, exit_code: exitCode, stdout, stderr };
  if (exitCode !== 0) {
    return { status: 'failed', result: { ...document, error: `The action ended with exit code ${exitCode}.` } };
  }
  return { status: status === false ? 'failed' : 'succeeded', result: document };
}

/** A run that never became a process. */
export function failedPython(error: string): RunEnd {
  return failure('failed', undefined, -1, error);
}

function failure(status: RunEnd['status'], ended: PythonEnd | undefined, exitCode: number, error: string): RunEnd {
  const result: JsonObject = {
    result: NONE,
    exit_code: exitCode,
    stdout: ended?.stdout ?? '',
    stderr: ended?.stderr ?? '',
    error,
  };
  return { status, result };
}

function readAnswer(messages: readonly string[]): Answer {
  const [line] = messages;
  if (line === undefined) return { kind: 'none' };
  const garbled: Answer = {
    kind: 'error',
    error: "The action wrote on Petrel's own connection, so that its result cannot be read.",
    memory: false,
  };
  if (messages.length > 1) return garbled;
  try {
    const said = JSON.parse(line) as Json; // what JSON.parse answers is JSON
    if (!isJsonObject(said)) return garbled;
    if (typeof said.error === 'string') return { kind: 'error', error: said.error, memory: said.memory === true };
    const { status } = said;
    return { kind: 'answer', result: said.result ?? null, status: typeof status === 'boolean' ? status : null };
  } catch {
    return garbled;
  }
}

function signalError(number: number): string {
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? 'a signal';
  const perhaps = name === 'SIGKILL' ? ' When nobody sent it, the machine was out of memory.' : '';
  return `The action was ended by ${name} (signal ${number}).${perhaps}`;
}
