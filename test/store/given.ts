import type { Enforcement, Execution, StoredKey, TriggerInstance } from '../../src/model/index.ts';
import type { HandledObject, Page } from '../../src/store/index.ts';

/** Rows for tests; ids are made readable: `e1` becomes a text that sorts as ids do. */
export const ALL: Page = { limit: 1000, offset: 0 };

export function id(number: number): string {
  return number.toString(16).padStart(24, '0');
}

export function instance(number: number, more: Partial<TriggerInstance> = {}): TriggerInstance {
  return {
    id: id(number),
    trigger: 'core.test',
    parameters: {},
    payload: { number },
    occurrenceTime: 1000 + number,
    status: 'pending',
    ...more,
  };
}

export function enforcement(number: number, more: Partial<Enforcement> = {}): Enforcement {
  return {
    id: id(number),
    ruleRef: 'core.rule',
    triggerInstanceId: id(number),
    slot: 0,
    status: 'succeeded',
    enforcedAt: 2000 + number,
    ...more,
  };
}

export function execution(number: number, more: Partial<Execution> = {}): Execution {
  return {
    id: id(number),
    actionRef: 'core.noop',
    runnerType: 'noop',
    status: 'requested',
    parameters: { number },
    context: { user: 'stanley' },
    createdAt: 1000 + number,
    attempt: 0,
    log: [{ status: 'requested', timestamp: 1000 + number }],
    ...more,
  };
}

export function key(name: string, more: Partial<StoredKey> = {}): StoredKey {
  return { scope: 'system', user: '', name, value: `value of ${name}`, secret: false, updatedAt: 1, ...more };
}

export function handled(uid: string, more: Partial<HandledObject> = {}): HandledObject {
  return { uid, namespace: 'default', name: uid, resourceVersion: '1', generation: 1, summary: {}, ...more };
}
