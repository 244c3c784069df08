/** What `kubectl get pods` shows: as `printPod` of the real server, whose Status is more than the phase. */
import { type Json, listAt, mapAt, stringAt, valueAt } from '../json.ts';
import { isTerminating, type KubeObject } from '../objects.ts';
import { age, ageColumn, column, nameColumn } from './columns.ts';
import { cellColumn, numberAt, textAt, textColumn } from './define.ts';
import type { Column } from './kind.ts';

const waitingReason = (status: Json) => stringAt(status, 'state', 'waiting', 'reason') ?? '';

function terminatedWords(status: Json): string {
  const terminated = mapAt(status, 'state', 'terminated');
  if (terminated === undefined) return '';
  const reason = stringAt(terminated, 'reason') ?? '';
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal');
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`;
}

/** The word in the Status column. */
export function podStatus(pod: KubeObject): string {
  let reason = textAt(pod, 'status.reason') || textAt(pod, 'status.phase') || 'Unknown';
  const initial = listAt(pod, 'spec', 'initContainers').length;
  for (const [index, status] of listAt(pod, 'status', 'initContainerStatuses').entries()) {
    const terminated = mapAt(status, 'state', 'terminated');
    if (terminated !== undefined && numberAt(terminated, 'exitCode') === 0) continue;
    const waiting = waitingReason(status);
    if (terminated !== undefined) reason = `Init:${terminatedWords(status)}`;
    else if (waiting !== '' && waiting !== 'PodInitializing') reason = `Init:${waiting}`;
    else reason = `Init:${index}/${initial}`;
    return finalWord(pod, reason);
  }
  let running = false;
  for (const status of [...listAt(pod, 'status', 'containerStatuses')].reverse()) {
    const waiting = waitingReason(status);
    if (waiting !== '') reason = waiting;
    else if (mapAt(status, 'state', 'terminated') !== undefined) reason = terminatedWords(status);
    else if (valueAt(status, 'ready') === true && mapAt(status, 'state', 'running') !== undefined) running = true;
  }
  if (reason === 'Completed' && running) reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
  return finalWord(pod, reason);
}

function finalWord(pod: KubeObject, reason: string): string {
  if (!isTerminating(pod)) return reason;
  if (textAt(pod, 'status.reason') === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status.phase')) ? reason : 'Terminating';
}

export function hasCondition(object: KubeObject, type: string): boolean {
  return listAt(object, 'status', 'conditions').some(
    (one) => stringAt(one, 'type') === type && stringAt(one, 'status') === 'True',
  );
}

function restarts(pod: KubeObject, now: number): string {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  const count = statuses.reduce((sum: number, one) => sum + numberAt(one, 'restartCount'), 0);
  const last = statuses
    .map((one) => stringAt(one, 'lastState', 'terminated', 'finishedAt') ?? '')
    .sort()
    .at(-1);
  return count === 0 || last === undefined || last === '' ? String(count) : `${count} (${age(last, now)} ago)`;
}

export const podColumns: readonly Column[] = [
  nameColumn,
  column('Ready', 'string', (pod) => {
    const ready = listAt(pod, 'status', 'containerStatuses').filter(
      (one) => valueAt(one, 'ready') === true && mapAt(one, 'state', 'running') !== undefined,
    );
    return `${ready.length}/${listAt(pod, 'spec', 'containers').length}`;
  }),
  cellColumn('Status', podStatus),
  cellColumn('Restarts', restarts),
  ageColumn,
  textColumn('IP', 'status.podIP', '<none>', 1),
  textColumn('Node', 'spec.nodeName', '<none>', 1),
  textColumn('Nominated Node', 'status.nominatedNodeName', '<none>', 1),
  column('Readiness Gates', 'string', readinessGates, 1),
];

function readinessGates(pod: KubeObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  const met = gates.filter((gate) => hasCondition(pod, stringAt(gate, 'conditionType') ?? ''));
  return `${met.length}/${gates.length}`;
}
