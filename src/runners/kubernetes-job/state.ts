import { isJsonObject, type Json } from '../../model/index.ts';
import type { KubernetesObject } from '../../sdk/index.ts';
import { CONTAINER } from './manifest.ts';

/** How a Job ended. */
export type JobEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'late' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Undefined while it goes on. */
export function endOf(job: KubernetesObject): JobEnd | undefined {
  for (const condition of listIn(job.status, 'conditions')) {
    if (fieldOf(condition, 'status') !== 'True') continue;
    const type = fieldOf(condition, 'type');
    if (type === 'Complete') return { kind: 'complete' };
    if (type !== 'Failed') continue;
    const reason = textOf(condition, 'reason');
    if (reason === 'DeadlineExceeded') return { kind: 'late' };
    return { kind: 'failed', reason: [reason, textOf(condition, 'message')].filter((text) => text !== '').join(': ') };
  }
  return undefined;
}

/** What one of its pods is at. */
export interface PodState {
  readonly name: string;
  readonly uid: string;
  /** Its container runs or has run, so that there is a log. */
  readonly started: boolean;
  /** Undefined while it has not ended. */
  readonly ended?: { readonly exitCode: number; readonly reason: string };
  /** Why it does not start; empty when nobody says. */
  readonly waiting: string;
}

export function podStateOf(pod: KubernetesObject): PodState {
  const container = listIn(pod.status, 'containerStatuses').find((one) => fieldOf(one, 'name') === CONTAINER);
  const state = fieldOf(container, 'state');
  const terminated = fieldOf(state, 'terminated');
  const waiting = fieldOf(state, 'waiting');
  const phase = textOf(pod.status, 'phase');
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const exitCode = fieldOf(terminated, 'exitCode');
  // A pod that was evicted before its container started has ended without one.
  const ended =
    typeof exitCode === 'number'
      ? { exitCode, reason: textOf(terminated, 'reason') }
      : isOver
        ? { exitCode: phase === 'Succeeded' ? 0 : -1, reason: textOf(pod.status, 'reason') }
        : undefined;
  return {
    name: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    started: terminated !== undefined || fieldOf(state, 'running') !== undefined,
    waiting: waiting === undefined ? unscheduled(pod) : sentence(waiting),
    ...(ended && { ended }),
  };
}

/** In the order they were made. */
export function inOrder(pods: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const key = ({ metadata }: KubernetesObject) => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return [...pods].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function unscheduled(pod: KubernetesObject): string {
  const condition = listIn(pod.status, 'conditions').find(
    (one) => fieldOf(one, 'type') === 'PodScheduled' && fieldOf(one, 'status') === 'False',
  );
  return condition === undefined ? '' : sentence(condition);
}

function sentence(value: unknown): string {
  return [textOf(value, 'reason'), textOf(value, 'message')].filter((text) => text !== '').join(': ');
}

function fieldOf(value: unknown, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}

function listIn(value: unknown, name: string): readonly Json[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : [];
}
