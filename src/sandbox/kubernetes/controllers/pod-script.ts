/** How a simulated pod behaves: read from its annotations, which are documented in docs/sandbox.md. */
import type { KubeObject } from '../objects.ts';

export const PREFIX = 'sandbox.petrel.dev/';

export interface PodScript {
  /** Milliseconds until its containers run; then until they are ready. */
  readonly startAfter: number;
  readonly readyAfter: number;
  /** A reason such as ImagePullBackOff for which it never starts. */
  readonly waiting: string | undefined;
  /** Why no node takes it. */
  readonly unschedulable: string | undefined;
  /** Milliseconds its containers run before they end; undefined when they go on. */
  readonly runFor: number | undefined;
  readonly exitCode: number;
  /** Milliseconds between an end and the next start, where the pod is restarted. */
  readonly restartAfter: number;
  /** Milliseconds that it takes to stop after it was deleted; never longer than its grace period. */
  readonly stopAfter: number;
}

/** The pods of a job end at once and well unless they say otherwise; all others go on. */
export function scriptOf(pod: KubeObject): PodScript {
  const say = (name: string) => pod.metadata.annotations?.[PREFIX + name];
  const duration = (name: string) => milliseconds(say(name));
  const ofJob = pod.metadata.ownerReferences?.some((one) => one.kind === 'Job' && one.controller === true) === true;
  const exitCode = Number(say('exit-code') ?? 0);
  const ends = ofJob || say('exit-code') !== undefined;
  return {
    startAfter: duration('start-after') ?? 0,
    readyAfter: duration('ready-after') ?? 0,
    waiting: say('waiting'),
    unschedulable: say('unschedulable'),
    runFor: duration('run-for') ?? (ends ? 0 : undefined),
    exitCode: Number.isInteger(exitCode) ? exitCode : 1,
    restartAfter: duration('restart-after') ?? 10_000,
    stopAfter: duration('stop-after') ?? 0,
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `2s`, `1m30s`, or a number of seconds. Undefined for what is none. */
export function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.map(([whole]) => whole).join('') !== text || parts.length === 0) return undefined;
  return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}

/** What its container is said to have written. */
export function logOf(pod: KubeObject, container: string): string {
  const notes = pod.metadata.annotations ?? {};
  const text = notes[`${PREFIX}log.${container}`] ?? notes[`${PREFIX}log`] ?? '';
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
