import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, type ResourceRecord } from '../../src/model/index.ts';
import type { Decision } from '../../src/resources/decide.ts';
import { newRecord } from '../../src/resources/record.ts';
import { isSameStatus, statusOf } from '../../src/resources/status.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const decision = (state: Decision['state'], step: Decision['step'], reason: string): Decision => ({
  state,
  step,
  reason,
  message: 'M.',
});
const RECORD = newRecord('p.thing', { uid: 'u', namespace: 'n', name: 'a', content: {} }, 0);
const failure: ResourceRecord['failure'] = {
  reason: 'CreateFailed',
  message: 'no',
  generation: 1,
  handler: 'create',
  count: 1,
  retryAt: 9,
};

/** What `kstatus` of sigs.k8s.io/cli-utils makes of an object, for custom kinds. */
function kstatus(generation: number, status: JsonObject, deleting = false): string {
  if (deleting) return 'Terminating';
  if (status.observedGeneration !== undefined && status.observedGeneration !== generation) return 'InProgress';
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isJsonObject) : [];
  const is = (type: string, wanted: string) => conditions.some((one) => one.type === type && one.status === wanted);
  if (is('Reconciling', 'True')) return 'InProgress';
  if (is('Stalled', 'True')) return 'Failed';
  if (is('Ready', 'False') || is('Ready', 'Unknown')) return 'InProgress';
  return 'Current';
}

describe('the status of an object', () => {
  it.each<[string, Decision, Partial<ResourceRecord>, string, string]>([
    ['in effect', decision('unchanged', 'none', 'Available'), {}, 'Current', 'Ready'],
    ['being created', decision('waiting', 'none', 'Creating'), {}, 'InProgress', 'Progressing Reconciling'],
    [
      'waiting for another',
      decision('waiting', 'none', 'WaitingForDependency'),
      {},
      'InProgress',
      'Progressing Reconciling',
    ],
    [
      'failing',
      decision('waiting', 'none', 'CreateFailed'),
      { failure },
      'InProgress',
      'Degraded Progressing Reconciling',
    ],
    ['blocked', decision('blocked', 'none', 'AlreadyExists'), {}, 'Failed', 'Degraded Stalled'],
    ['drifted, which is only reported', decision('drifted', 'none', 'Drifted'), {}, 'Current', 'Drifted Ready'],
    [
      'gone outside, which is only reported',
      decision('drifted', 'none', 'Vanished'),
      {},
      'InProgress',
      'Degraded Drifted',
    ],
    ['being put right', decision('drifted', 'update', 'Drifted'), {}, 'InProgress', 'Drifted Progressing Reconciling'],
    [
      'in effect as it was, while its newest wish must wait',
      { ...decision('waiting', 'none', 'LimitReached'), inEffect: true },
      { failure: { ...failure, reason: 'LimitReached', waits: true } },
      'Failed',
      'Degraded Ready Stalled',
    ],
    ['being deleted', decision('deleting', 'delete', 'Deleting'), {}, 'InProgress', 'Progressing Reconciling'],
  ])('that is %s', (_, given, more, health, isTrue) => {
    const status = statusOf(given, { ...RECORD, ...more }, { generation: 3, status: {} }, 'e1', NOW);
    expect(kstatus(3, status)).toBe(health);
    expect(kstatus(4, status)).toBe('InProgress');
    expect(kstatus(3, status, true)).toBe('Terminating');
    const conditions = status.conditions as readonly JsonObject[]; // as statusOf makes them
    const names = conditions.filter((one) => one.status === 'True').map(({ type }) => String(type));
    expect(names.sort().join(' ')).toBe(isTrue);
    // kstatus takes the first of the two, in the order in which they stand.
    expect(names.includes('Reconciling') && names.includes('Stalled')).toBe(false);
    for (const condition of conditions) {
      expect(condition).toMatchObject({ observedGeneration: 3, lastTransitionTime: '2026-01-02T03:04:05Z' });
      expect(condition.reason).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(condition.message).toMatch(/\.$|^no$/);
    }
    expect(status.execution).toBe('e1');
  });

  it('keeps the time of a condition whose status stays, and is the same while nothing changes', () => {
    const creating = statusOf(
      decision('waiting', 'none', 'Creating'),
      RECORD,
      { generation: 1, status: {} },
      undefined,
      NOW,
    );
    const failing = statusOf(
      decision('waiting', 'none', 'CreateFailed'),
      { ...RECORD, failure },
      { generation: 1, status: creating },
      undefined,
      NOW + 60_000,
    );
    const times = Object.fromEntries(
      (failing.conditions as readonly JsonObject[]).map((one) => [one.type, one.lastTransitionTime]),
    );
    expect(times).toMatchObject({ Ready: '2026-01-02T03:04:05Z', Degraded: '2026-01-02T03:05:05Z' });
    const again = statusOf(
      decision('waiting', 'none', 'CreateFailed'),
      { ...RECORD, failure },
      { generation: 1, status: failing },
      undefined,
      NOW + 120_000,
    );
    expect(isSameStatus(failing, again)).toBe(true);
    expect(isSameStatus(creating, again)).toBe(false);
    const reversed = { ...failing, conditions: [...(failing.conditions as readonly JsonObject[])].reverse() };
    expect(isSameStatus(reversed, again)).toBe(true);
  });
});
