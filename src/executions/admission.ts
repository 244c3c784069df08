import { createHash } from 'node:crypto';
import { openValues } from '../datastore/index.ts';
import {
  type ConcurrencyPolicy,
  canonicalJson,
  type Execution,
  type Id,
  isJsonObject,
  type JsonObject,
  type StatusChange,
} from '../model/index.ts';
import type { ConcurrencyGroup, Store } from '../store/index.ts';
import type { Completion } from './completion.ts';
import type { Preparation } from './prepare.ts';
import { canceledBy, wishOf } from './wishes.ts';

export interface Admission {
  /** Whether it has to ask for places before it runs. */
  concerns(execution: Execution): boolean;
  /**
   * Asks for a claimed execution whether it may run now, as its action's concurrency policies say. Answers it as it runs, or undefined:
   * it waits, or is canceled, or has moved on without us.
   */
  admit(execution: Execution): Promise<Execution | undefined>;
}

export interface AdmissionServices {
  readonly store: Store;
  readonly completion: Pick<Completion, 'finish'>;
  readonly now: () => number;
  prepare(): Preparation;
  changed(execution: Execution): void;
  /** Somebody who waited can be claimed. */
  released(): void;
}

/**
 * Milliseconds after which one that waits is looked at again by itself. Whoever ends hands its place on, so this is only for what no
 * end brings about: a policy that was taken away, a threshold that was raised.
 */
const LOOK_AGAIN = 60_000;

/** Policies `action.concurrency` and `action.concurrency.attr`, kept between the claim of an execution and its run. */
export function createAdmission(services: AdmissionServices): Admission {
  const { store, completion, now } = services;

  /** Canceled between its claim and now: nobody else ends it. */
  const endCanceled = async ({ id, attempt }: Execution): Promise<void> => {
    const current = await store.getExecution(id);
    if (current?.status !== 'canceling' || current.attempt !== attempt) return;
    await completion.finish(current, canceledBy(wishOf(current.context)), attempt);
  };

  return {
    concerns: (execution) => execution.grouped === true || policiesOf(execution, services.prepare()).length > 0,

    async admit(execution) {
      const timestamp = now();
      const log = waitingLog(execution.log, timestamp);
      const answer = await store.admitExecution({
        id: execution.id,
        attempt: execution.attempt,
        groups: groupsOf(execution, services.prepare()),
        ancestors: ancestorsOf(execution),
        lookAgainAt: timestamp + LOOK_AGAIN,
        log,
      });
      if ('released' in answer && answer.released) services.released();
      switch (answer.outcome) {
        case 'admitted':
          return { ...execution, grouped: true };
        case 'delayed': {
          const { leaseOwner: _owner, leaseUntil: _until, startedAt: _started, ...rest } = execution;
          const waits = { ...rest, status: 'delayed', grouped: true, notBefore: timestamp + LOOK_AGAIN, log } as const;
          if (log.at(-1)?.timestamp === timestamp) services.changed(waits);
          return undefined;
        }
        case 'refused':
          await completion.finish(execution, tooMany(execution, answer.full), execution.attempt);
          return undefined;
        case 'superseded':
          await endCanceled(execution);
          return undefined;
      }
    },
  };
}

/** The claim said that it runs, and it does not. Who waits already does not begin to wait again. */
function waitingLog(log: readonly StatusChange[], timestamp: number): readonly StatusChange[] {
  const before = log.slice(0, -2);
  return before.at(-1)?.status === 'delayed' ? before : [...before, { status: 'delayed', timestamp }];
}

function policiesOf({ actionRef }: Execution, { registry }: Preparation): readonly ConcurrencyPolicy[] {
  const policies = registry.policiesOf.get(actionRef) ?? [];
  return policies.flatMap((policy) => (policy.policyType === 'action.retry' ? [] : [policy]));
}

function groupsOf(execution: Execution, preparation: Preparation): readonly ConcurrencyGroup[] {
  return policiesOf(execution, preparation).map((policy) => ({
    key: keyOf(policy, execution, preparation),
    threshold: policy.parameters.threshold,
    whenFull: policy.parameters.action,
  }));
}

/** Of those with attributes a group for each set of values that were given; what was not given is not compared, as StackStorm. */
function keyOf({ ref, parameters }: ConcurrencyPolicy, execution: Execution, preparation: Preparation): string {
  const { attributes } = parameters;
  if (attributes === undefined) return ref;
  const compared = Object.entries(execution.parameters).filter(([name]) => attributes.includes(name));
  const values = openedOf(Object.fromEntries(compared), preparation);
  return `${ref} ${createHash('sha256').update(canonicalJson(values)).digest('hex').slice(0, 32)}`;
}

/** What cannot be opened stays sealed: the run will fail for the same reason, and says so in its result. */
function openedOf(values: JsonObject, { cipher, masker }: Preparation): JsonObject {
  try {
    return openValues(values, cipher, masker);
  } catch {
    return values;
  }
}

/** The workflows an execution belongs to, the nearest first. */
function ancestorsOf({ context }: Execution): readonly Id[] {
  const ancestors: Id[] = [];
  for (let { parent } = context; isJsonObject(parent); { parent } = parent) {
    if (typeof parent.execution_id === 'string') ancestors.push(parent.execution_id);
  }
  return ancestors;
}

function tooMany({ actionRef }: Execution, { key, threshold }: ConcurrencyGroup) {
  const [policy = key] = key.split(' ');
  const message = `Policy "${policy}" lets ${threshold} of "${actionRef}" run at one time; this one was too many, so it was canceled. Raise its threshold, or let it delay.`;
  return { status: 'canceled', result: { message, policy, threshold } } as const;
}
