import type { HandlerName, ResourceRecord } from '../../src/model/index.ts';
import { decide, type Facts } from '../../src/resources/decide.ts';
import { begun, concluded, type HandlerEnd, mayExist, newRecord } from '../../src/resources/record.ts';
import { rewound } from '../../src/resources/rewind.ts';

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
  /** A handler ends; one that fails may have done its work before, and one that waits has done nothing. */
  | { readonly kind: 'end'; readonly how: Ending }
  /** Time passes, or the clock is set back. */
  | { readonly kind: 'wait' | 'set back'; readonly seconds: number };

export type Ending = 'good' | 'fails before' | 'fails after' | 'waits';

/** What is around an object: others that it needs, or that need it. */
export interface Around {
  /** Whether what it needs is no ground to build on. */
  lacks(): boolean;
  isNeeded(): boolean;
  /** Whether something stands on it outside, known or not. */
  stands(): boolean;
}

export interface Model {
  object: { generation: number; deleting: boolean; finalizer: boolean; abandoned: boolean } | undefined;
  /** The generation that exists outside. */
  outside: number | undefined;
  record: ResourceRecord | undefined;
  mostAtOnce: number;
  madeUnheld: number;
  madeTwice: number;
  /** How often it was taken away while something stood on it. */
  takenFromUnder: number;
  apply(happening: Happening): void;
  /** Whether others may build on it. */
  isReady(): boolean;
  /** Whether something may stand outside for it, as far as is known. */
  mayExist(): boolean;
  /** One thing is done, if there is anything to do; time passes. Answers whether something was. */
  turn(): boolean;
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
export function createModel(
  given: Partial<Facts['resource']> & { readonly looks: Facts['looks'] },
  around: Around = { lacks: () => false, isNeeded: () => false, stands: () => false },
): Model {
  const resource = { ...POLICIES, ...given };
  const retry = { delay: 1, maxDelay: 10 };
  let now = 1_000_000;
  let seenAt = now;
  let count = 0;
  let cutShort = 0;
  let observed: Facts['observed'];
  const running: Running[] = [];
  const model: Model = {
    object: { generation: 1, deleting: false, finalizer: false, abandoned: false },
    outside: undefined,
    record: undefined,
    mostAtOnce: 0,
    madeUnheld: 0,
    madeTwice: 0,
    takenFromUnder: 0,
    apply,
    turn,
    isReady,
    mayExist: () => model.record !== undefined && mayExist(model.record, observed),
    settle: () => settleAll([model]),
  };

  const look = () => {
    now += 2;
    const exists = model.outside !== undefined;
    const difference = exists && model.outside !== model.record?.generation ? ['value'] : [];
    observed = { at: now, exists, owner: 'ours', difference };
  };

  const effect = ({ handler, generation }: Running) => {
    if (handler === 'delete') {
      if (model.outside !== undefined && around.stands()) model.takenFromUnder += 1;
      model.outside = undefined;
    } else {
      if (model.object?.finalizer !== true) model.madeUnheld += 1;
      if (handler === 'create' && model.outside !== undefined) model.madeTwice += 1;
      model.outside = generation;
    }
  };

  const end = (how: Ending) => {
    const one = running.shift();
    if (one === undefined || model.record === undefined) return;
    now += 1;
    if ((how === 'good' || how === 'fails after') && !one.canceled) effect(one);
    cutShort = one.canceled ? cutShort + 1 : 0;
    model.record = concluded(model.record, resultOf(one, how), retry, now, () => 0.5);
  };

  const decision = () =>
    decide({
      resource,
      looks: given.looks,
      ...(model.object && { object: model.object }),
      ...(model.record && { record: model.record }),
      ...(observed && { observed }),
      seenAt,
      observing: false,
      unready: model.object?.deleting === false && around.lacks() ? ['What it needs is not ready.'] : [],
      cycle: [],
      dependents: model.object?.deleting === true && around.isNeeded() ? ['Thing n/a'] : [],
      cutShort,
      spread: 0.5,
      now,
    });

  function isReady(): boolean {
    if (model.object === undefined || model.object.deleting) return false;
    const { state, step, reason, inEffect } = decision();
    return (
      state === 'unchanged' || inEffect === true || (state === 'drifted' && step === 'none' && reason === 'Drifted')
    );
  }

  /** One decision, carried out. Answers whether anything was done but looking. */
  const step = (): boolean => {
    now += 1;
    if (model.object === undefined && model.record === undefined) return false;
    const decided = decision();
    const { object } = model;
    if (decided.reason === 'Observing' && decided.state === 'waiting' && given.looks === 'list') {
      look();
      return false;
    }
    switch (decided.step) {
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
        model.record = { ...model.record, intent: { ...model.record.intent, canceling: decided.why ?? 'superseded' } };
        return true;
      }
      default: {
        count += 1;
        const generation = object?.generation ?? model.record?.generation ?? 0;
        const base = model.record ?? newRecord('p.thing', { uid: 'u', namespace: 'n', name: 'a', content: {} }, now);
        const request = { handler: decided.step, generation, executionId: `e${count}`, object: {} };
        model.record = begun(base, request, now);
        running.push({ handler: decided.step, generation, id: request.executionId, canceled: false });
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
      case 'set back':
        now -= happening.seconds * 1000;
        seenAt = Math.min(seenAt, now);
        if (observed !== undefined) observed = { ...observed, at: Math.min(observed.at, now) };
        if (model.record !== undefined) model.record = rewound(model.record, now, retry.maxDelay);
        return;
    }
  }

  function turn(): boolean {
    end('good');
    const acted = step();
    // Waits pass, and a list comes by itself.
    if (!acted) now += 70_000;
    if (!acted && given.looks === 'list') look();
    return acted || running.length > 0;
  }
  return model;
}

const resultOf = ({ canceled }: Running, how: Ending): HandlerEnd => {
  if (canceled) return { status: 'canceled', message: 'no' };
  if (how === 'good') return { status: 'succeeded', outputs: {} };
  return how === 'waits' ? { status: 'waiting', reason: 'Full', message: 'no' } : { status: 'failed', message: 'no' };
};

/** Lets everything come to rest together, with handlers that succeed. Throws when it does not. */
export function settleAll(models: readonly Model[]): void {
  for (let quiet = 0, turns = 0; quiet < 6; turns += 1) {
    if (turns > 300) throw new Error(`it does not come to rest: ${JSON.stringify(models)}`);
    const acted = models.map((model) => model.turn());
    quiet = acted.includes(true) ? 0 : quiet + 1;
  }
}

/** A thing and the base that it needs; both may change, fail and be deleted. */
export function createPair(given: {
  readonly base: Parameters<typeof createModel>[0];
  readonly thing: Parameters<typeof createModel>[0];
}): { readonly base: Model; readonly thing: Model } {
  const base: Model = createModel(given.base, {
    lacks: () => false,
    isNeeded: () => thing.object !== undefined && thing.mayExist(),
    stands: () => thing.object !== undefined && thing.outside !== undefined,
  });
  const thing: Model = createModel(given.thing, {
    lacks: () => !base.isReady(),
    isNeeded: () => false,
    stands: () => false,
  });
  return { base, thing };
}
