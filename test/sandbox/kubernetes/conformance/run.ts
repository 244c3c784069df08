import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Step } from './commands.ts';

export interface Shell {
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** For kubectl's discovery cache. */
  readonly home: string;
}

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one step in a shell that has nothing but kubectl. */
function runStep({ kubectl, kubeconfig, home }: Shell, step: Step): Promise<Printed> {
  const script = `kubectl() { '${kubectl}' -n conf "$@"; }\n${step.run}`;
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig };
  return new Promise((resolve) => {
    const child = execFile('/bin/sh', ['-c', script], { env, timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
    });
    child.stdin?.end(step.input ?? '');
  });
}

const PATIENCE = 45_000;

/** Runs a step; one that comes true late again and again, until it has succeeded. */
export async function runStepInTime(shell: Shell, step: Step): Promise<Printed> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const printed = await runStep(shell, step);
    if (step.late !== true || printed.code === (step.code ?? 0) || Date.now() > deadline) return printed;
    await sleep(500);
  }
}

/** kubectl says more and less from release to release; warnings of skew are not what a step is about. */
const withoutWarnings = (text: string) => text.replace(/^Warning: .*\n/gm, '').replace(/^WARNING: .*\n/gm, '');

export function checkStep(step: Step, { code, out, err }: Printed): void {
  expect(code, `${step.run}\n${out}${err}`).toBe(step.code ?? 0);
  if (typeof step.out === 'string') expect(out).toBe(step.out);
  else if (step.out !== undefined) expect(out).toMatch(step.out);
  if (step.err !== undefined) expect(withoutWarnings(err)).toMatch(step.err);
}
