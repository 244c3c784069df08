import type { FinalStatus, Json, JsonObject } from '../model/index.ts';
import type { ProcessOutcome } from './process.ts';
import type { RunEnd } from './runner.ts';

/** Deeper JSON than this stays text: it is no result anybody reads, and would exhaust the stack of whoever walks it. */
const DEEPEST = 500;

/**
 * The result of the shell runners (stackstorm-packs.md, section 5.2). `seconds` is the time limit, for the message;
 * `sudoUser` the account whose sudo password was given, when one was.
 */
export function shellResult(outcome: ProcessOutcome, limits: { seconds: number; sudoUser?: string }): RunEnd {
  const { status, code, error } = judge(outcome, limits);
  const succeeded = status === 'succeeded';
  const result: JsonObject = {
    failed: !succeeded,
    succeeded,
    return_code: code,
    stdout: parsedOutput(outcome.stdout),
    stderr: parsedOutput(outcome.stderr),
    ...(error === undefined ? {} : { error }),
  };
  return { status, result };
}

function judge(
  outcome: ProcessOutcome,
  limits: { seconds: number; sudoUser?: string },
): { status: FinalStatus; code: number; error?: string } {
  const code = outcome.exitCode;
  if (outcome.ended === 'timeout') {
    return { status: 'timeout', code: -9, error: `Action failed to complete in ${limits.seconds} seconds` };
  }
  if (outcome.ended === 'canceled') return { status: 'canceled', code, error: 'The action was canceled.' };
  if (outcome.ended === 'unstartable')
    return { status: 'failed', code, error: outcome.error ?? 'It could not be started.' };
  if (code === 0) return { status: 'succeeded', code };
  if (limits.sudoUser !== undefined && refusedPassword(outcome.stderr)) {
    const error = `Invalid sudo password provided or sudo is not configured for this user (${limits.sudoUser})`;
    return { status: 'failed', code: -1, error };
  }
  if (code === -9) return { status: 'timeout', code };
  if (code === -15) return { status: 'abandoned', code };
  return { status: 'failed', code };
}

/** Whether sudo says that it was given a wrong password, or none. */
export function refusedPassword(stderr: string): boolean {
  return /^Sorry, try again\.|^sudo: \d+ incorrect password attempt|^sudo: no password was provided/m.test(stderr);
}

/** One trailing line end is dropped, and text that is valid JSON becomes the value it says (`"5"` the number 5). */
export function parsedOutput(text: string): Json {
  const trimmed = text.replace(/\n$/, '').replace(/\r$/, '');
  const json = parsedJson(trimmed);
  return json === undefined ? trimmed : json.value;
}

/** The value that a text says as JSON; undefined when it is none, or nested without sense. */
export function parsedJson(text: string): { readonly value: Json } | undefined {
  if (!/^\s*[[{"\dtfn-]/.test(text) || depth(text) > DEEPEST) return undefined;
  try {
    return { value: JSON.parse(text) as Json }; // what JSON.parse answers is JSON
  } catch {
    return undefined;
  }
}

/** How deep lists and objects are nested, at least; brackets inside of strings only make it count too much. */
function depth(text: string): number {
  let level = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) {
      level += 1;
      if (level > deepest) deepest = level;
    } else if (code === 0x5d || code === 0x7d) level -= 1;
  }
  return deepest;
}
