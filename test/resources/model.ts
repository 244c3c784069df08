import type { HandlerName, ResourceRecord } from '../../src/model/index.ts';
import { decide, type Facts } from '../../src/resources/decide.ts';
import { begun, concluded, newRecord } from '../../src/resources/record.ts';

export const POLICIES: Facts['resource'] = {
  driftPolicy: 'report',
  deletionPolicy: 'delete',
  adoptionPolicy: 'owned',
  orphanPolicy: 'report',
  superseded: 'finish',
  resync: 60,
};

export type Happening =
  | { readonly kind: 'change' | 'delete' | 'crash' | 'look' | 'tamper' }
  | { readonly kind: 'step'; readonly times: number }
  /** A handler ends; one that fails may have done its work before. */
  | { readonly kind: 'end'; readonly how: 'good' | 'fails before' | 'fails after' }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface Model {
  object: { generation: number; deleting: boolean; finalizer: boolean; abandoned: boolean } | undefined;
  /** The generation that exists outside. */
  outside: number | undefined;
  record: ResourceRecord | undefined;
  mostAtOnce: number;
  madeUnheld: number;
  madeTwice: number;
  apply(happening: Happening): void;
  /** Lets everything come to rest, with handlers that succeed. Throws when it does not. */
  settle(): void;
}

interface Running {
  readonly handler: HandlerName;
  readonly generation: number;
  readonly id: string;
  canceled: boolean;
}

/** One object, its outside and its handlers, all in memory: the reconciler without I/O. */
export function createModel(given: Partial<Facts['resource']> & { readonly looks: Facts['looks'] }): Model {
  const resource = { ...POLICIES, ...given };
  const retry = { delay: 1, maxDelay: 10 };
  let now = 1_000_000;
  let seenAt = now;
  let count = 0;
  let observed: Facts['observed'];
  const running: Running[] = [];
  const model: Model = {
    object: { generation: 1, deleting: false, finalizer: false, abandoned: false },
    outside: undefined,
    record: undefined,
    mostAtOnce: 0,
    madeUnheld: 0,
    madeTwice: 0,
    apply,
    settle,
  };

  const look = () => {
    now += 2;
    const exists = model.outside !== undefined;
    const difference = exists && model.outside !== model.record?.generation ? ['value'] : [];
    observed = { at: now, exists, owner: 'ours', difference };
  };

  const effect = ({ handler, generation }: Running) => {
    if (handler === 'delete') model.outside = undefined;
    else {
      if (model.object?.finalizer !== true) model.madeUnheld += 1;
      if (handler === 'create' && model.outside !== undefined) model.madeTwice += 1;
      model.outside = generation;
    }
  };

  const end = (how: 'good' | 'fails before' | 'fails after') => {
    const one = running.shift();
    if (one === undefined || model.record === undefined) return;
    now += 1;
    if (how !== 'fails before' && !one.canceled) effect(one);
    const result =
      how === 'good' && !one.canceled
        ? ({ status: 'succeeded', outputs: {} } as const)
        : ({ status: one.canceled ? 'canceled' : 'failed', message: 'no' } as const);
    model.record = concluded(model.record, result, retry, now, () => 0.5);
  };

  /** One decision, carried out. Answers whether anything was done but looking. */
  const step = (): boolean => {
    now += 1;
    if (model.object === undefined && model.record === undefined) return false;
    const decision = decide({
      resource,
      looks: given.looks,
      ...(model.object && { object: model.object }),
      ...(model.record && { record: model.record }),
      ...(observed && { observed }),
      seenAt,
      observing: false,
      unready: [],
      dependents: [],
      spread: 0.5,
      now,
    });
    const { object } = model;
    if (decision.reason === 'Observing' && decision.state === 'waiting' && given.looks === 'list') {
      look();
      return false;
    }
    switch (decision.step) {
      case 'none':
        return false;
      case 'observe':
        look();
        return false;
      case 'hold':
        if (object === undefined) return false;
        model.record ??= newRecord('p.thing', { uid: 'u', namespace: 'n', name: 'a', content: {} }, now);
        model.object = { ...object, finalizer: true };
        return true;
      case 'release':
        model.record = undefined;
        model.object = object?.deleting === true ? undefined : object && { ...object, finalizer: false };
        return true;
      case 'forget':
        model.record = undefined;
        return true;
      case 'cancel': {
        const [one] = running;
        if (one === undefined || model.record?.intent === undefined) return false;
        one.canceled = true;
        model.record = { ...model.record, intent: { ...model.record.intent, canceling: decision.why ?? 'superseded' } };
        return true;
      }
      default: {
        count += 1;
        const generation = object?.generation ?? model.record?.generation ?? 0;
        const base = model.record ?? newRecord('p.thing', { uid: 'u', namespace: 'n', name: 'a', content: {} }, now);
        const request = { handler: decision.step, generation, executionId: `e${count}`, object: {} };
        model.record = begun(base, request, now);
        running.push({ handler: decision.step, generation, id: request.executionId, canceled: false });
        model.mostAtOnce = Math.max(model.mostAtOnce, running.length);
        return true;
      }
    }
  };

  function apply(happening: Happening): void {
    now += 10;
    const { object } = model;
    switch (happening.kind) {
      case 'change':
        if (object !== undefined && !object.deleting) model.object = { ...object, generation: object.generation + 1 };
        return;
      case 'delete':
        // Without a finalizer it goes at once.
        if (object?.finalizer === false) model.object = undefined;
        else if (object !== undefined)
          model.object = { ...object, generation: object.generation + (object.deleting ? 0 : 1), deleting: true };
        return;
      case 'crash':
        // Memory is lost; executions and records are not.
        observed = undefined;
        seenAt = now;
        return;
      case 'look':
        look();
        return;
      case 'tamper':
        if (model.outside !== undefined && running.length === 0) model.outside = -1;
        return;
      case 'step':
        for (let time = 0; time < happening.times; time += 1) step();
        return;
      case 'end':
        end(happening.how);
        return;
      case 'wait':
        now += happening.seconds * 1000;
        return;
    }
  }

  function settle(): void {
    for (let quiet = 0, turns = 0; quiet < 6; turns += 1) {
      if (turns > 200) throw new Error(`it does not come to rest: ${JSON.stringify(model)}`);
      end('good');
      const acted = step();
      // Waits pass, and a list comes by itself.
      if (!acted) now += 70_000;
      if (!acted && given.looks === 'list') look();
      quiet = acted || running.length > 0 ? 0 : quiet + 1;
    }
  }
  return model;
}
