import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../model/index.ts';

/** Told what happens, as it happens. */
export interface Narrator {
  chapter(text: string): void;
  begin(text: string): void;
  /** `detail` is what was seen; `milliseconds` how long it took. */
  done(text: string, detail: string, milliseconds: number): void;
  failed(text: string, reason: string): void;
}

/** A step of the story that did not come true. */
export class StoryFailed extends Error {
  override readonly name = 'StoryFailed';
}

const POLL_MILLISECONDS = 50;

/**
 * Runs a step, again and again until its check holds or the time is over. The check answers what it saw, or throws what is still
 * missing; the last thing missing is the reason of the failure.
 */
export async function untilTrue<T extends { readonly detail: string }>(
  narrator: Narrator,
  text: string,
  check: () => Promise<T>,
  limitSeconds = 60,
): Promise<T> {
  narrator.begin(text);
  const start = performance.now();
  for (;;) {
    try {
      const seen = await check();
      narrator.done(text, seen.detail, performance.now() - start);
      return seen;
    } catch (error) {
      // A check that throws StoryFailed knows that waiting does not help.
      if (error instanceof StoryFailed || performance.now() - start > limitSeconds * 1000) {
        narrator.failed(text, messageOf(error));
        throw new StoryFailed(`${text}: ${messageOf(error)}`, { cause: error });
      }
      await sleep(POLL_MILLISECONDS);
    }
  }
}

/** For checks: answers the value, or throws what is missing. */
export function must<T>(value: T | undefined | null | false, missing: string): T {
  if (value === undefined || value === null || value === false) throw new Error(missing);
  return value;
}
