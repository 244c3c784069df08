import { PetrelError } from '../../model/index.ts';
import type { Call } from './calls.ts';
import type { Answer, CodeRun } from './run.ts';
import type { CodeState } from './state.ts';

/**
 * Brings a fresh run to where the journal ends: the code runs from the top and is told what it was told before, one thing at a time.
 * Throws `PetrelError` (`invalid`) where the code asks for anything else than it did then. `fingerprint`: of the code as it is now.
 */
export async function replay(
  run: CodeRun,
  state: CodeState,
  answers: readonly Answer[],
  fingerprint: string,
): Promise<void> {
  const refuse = (position: number, recorded: string, asked: string) =>
    changed(state, fingerprint, position, recorded, asked);
  let seen = 0;
  /** The code must have made so many calls, each as it is recorded. */
  const expectCalls = (count: number) => {
    for (; seen < Math.max(count, run.calls.length); seen += 1) {
      const [call, recorded] = [run.calls[seen], state.calls[seen]];
      if (call === undefined || recorded === undefined || seen >= count || !isSame(call, recorded)) {
        throw refuse(seen, seen < count ? described(recorded) : 'nothing yet', `asks for ${described(call)}`);
      }
    }
  };
  await run.begin();
  for (const [index, outcome] of state.delivered.entries()) {
    const answer = answers[index];
    expectCalls(outcome.calls);
    if (answer === undefined || !run.open.has(outcome.call)) {
      const asked = run.end === undefined ? 'has canceled that call' : 'has come to its end';
      throw refuse(outcome.call, `the end of ${described(state.calls[outcome.call])}`, asked);
    }
    await run.deliver(outcome.call, answer, outcome.at);
  }
  expectCalls(state.calls.length);
  const differs = state.calls.findIndex(({ canceled }, index) => canceled !== run.canceled.has(index));
  // At its end a workflow cancels what still runs, whatever its code does.
  if (differs >= 0 && state.phase === 'running') {
    const recorded = described(state.calls[differs]);
    throw refuse(
      differs,
      `${recorded}${state.calls[differs]?.canceled ? ' canceled' : ''}`,
      run.canceled.has(differs) ? 'cancels it' : 'does not cancel it',
    );
  }
  if (state.phase === 'running' && run.end !== undefined) {
    throw refuse(state.calls.length - 1, described(state.calls.at(-1)), 'comes to its end');
  }
  // What was logged then is stored.
  run.take();
}

function isSame(call: Call, recorded: CodeState['calls'][number]): boolean {
  return call.task === recorded.task && call.kind === recorded.kind && call.ref === recorded.ref;
}

function described(call: Pick<Call, 'kind' | 'task' | 'ref'> | undefined): string {
  if (call === undefined) return 'nothing';
  return `the ${call.kind} "${call.task}"${call.kind === 'child' ? ` (${call.ref})` : ''}`;
}

function changed(
  state: CodeState,
  fingerprint: string,
  position: number,
  recorded: string,
  asked: string,
): PetrelError {
  const { file, fingerprint: before } = state.definition;
  const why =
    fingerprint === before
      ? `The code is not deterministic: given the same outcomes it must make the same calls. Use now() and random() of the workflow, and do everything else inside steps.`
      : `${file}, or what it imports, changed since the workflow started (${before} then, ${fingerprint} now). Start the workflow again, or bring the old code back for those that run.`;
  return new PetrelError(
    'invalid',
    `The workflow cannot be replayed: at call ${position + 1} its journal has ${recorded}, but the code of ${file} ${asked}. ${why} Nothing was rolled back.`,
    { details: { position: position + 1, recorded, asked, fingerprint, startedWith: before } },
  );
}
