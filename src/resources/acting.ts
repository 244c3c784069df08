import {
  type Execution,
  type HandlerName,
  type Id,
  messageOf,
  PetrelError,
  type ResourceRecord,
} from '../model/index.ts';
import type { ClusterWrites } from './cluster.ts';
import { ABANDONED, type Decision, RETAINED } from './decide.ts';
import { subjectOf } from './facts.ts';
import type { Handlers } from './handlers.ts';
import type { Entry } from './kind-watch.ts';
import type { KindState, Live } from './live.ts';
import type { Looks } from './looks.ts';
import { contentOf, finalizerOf, nameOf } from './objects.ts';
import { begun, failed, kept, newRecord } from './record.ts';
import { type ResourceServices, USER } from './services.ts';

/** Another node has written the record: what we know is old. */
export class Outdated extends Error {
  override readonly name = 'Outdated';
}

/** `again`: decide anew. `report`: nothing more to do now. `gone`: there is no object to report on. */
export type Acted = 'again' | 'report' | 'gone';

export interface Acting {
  perform(kind: KindState, uid: string, decision: Decision): Promise<Acted>;
  /** Stores a record, and executions with it in the same transaction. Throws `Outdated`. */
  put(record: ResourceRecord, executions?: readonly Execution[]): Promise<void>;
  fail(kind: KindState, uid: string, handler: HandlerName, error: unknown): Promise<void>;
  cancel(id: Id, user: string): Promise<void>;
}

export interface ActingOptions {
  readonly services: ResourceServices;
  readonly live: Live;
  readonly handlers: Handlers;
  readonly looks: Looks;
  readonly cluster: ClusterWrites;
  /** An execution now works for this object. */
  requested(id: Id, uid: string): void;
}

/** Carries out decisions. The record is always stored before what it announces happens. */
export function createActing({ services, live, handlers, looks, cluster, requested }: ActingOptions): Acting {
  const { store, executions, clock, random, masker, jinja } = services;

  const put: Acting['put'] = async (record, requests = []) => {
    await store.transaction(async (tx) => {
      if (requests.length > 0) await tx.insertExecutions(requests);
      if (!(await tx.putResource(record))) throw new Outdated(`The record of ${record.uid} has moved on.`);
    });
    live.records.set(record.uid, { ...record, revision: record.revision + 1 });
  };

  const drop = async (record: ResourceRecord | undefined): Promise<void> => {
    if (record === undefined) return;
    if (!(await store.deleteResource(record.uid, record.revision)))
      throw new Outdated(`The record of ${record.uid} has moved on.`);
    live.records.delete(record.uid);
    live.observations.delete(record.uid);
    live.executions.delete(record.uid);
    live.cutShort.delete(record.uid);
  };

  /** The record, or the first one of an object that is new. */
  const recordOf = (kind: KindState, uid: string, exists: ResourceRecord['exists']): ResourceRecord | undefined => {
    const known = live.records.get(uid);
    const entry = kind.watch.objects.get(uid);
    if (known !== undefined || entry === undefined) return known;
    return {
      ...newRecord(kind.resource.ref, { ...nameOf(entry.object), content: contentOf(entry) }, clock.now()),
      exists,
    };
  };

  const fail: Acting['fail'] = async (kind, uid, handler, error) => {
    const record = recordOf(kind, uid, 'no');
    if (record === undefined) return;
    const generation = kind.watch.objects.get(uid)?.object.metadata.generation ?? record.generation;
    const what = {
      handler,
      generation,
      message: masker.mask(messageOf(error)),
      ...(record.failure && { before: record.failure }),
    };
    await put(failed(record, what, kind.resource.retry, clock.now(), random));
  };

  const request = async (kind: KindState, uid: string, handler: HandlerName): Promise<Acted> => {
    const subject = subjectOf(live, kind, uid, jinja);
    const record = recordOf(kind, uid, 'maybe');
    if (subject === undefined || record === undefined) return 'gone';
    let execution: Execution;
    try {
      execution = await handlers.prepare(handler, subject);
    } catch (error) {
      if (!(error instanceof PetrelError)) throw error;
      await fail(kind, uid, handler, error);
      return 'again';
    }
    const { generation, object } = subject;
    await put(begun(record, { handler, generation, executionId: execution.id, object }, clock.now()), [execution]);
    live.executions.set(uid, execution.id);
    requested(execution.id, uid);
    executions.announce([execution]);
    return 'again';
  };

  const hold = async (kind: KindState, uid: string, entry: Entry): Promise<Acted> => {
    const record = recordOf(kind, uid, 'no');
    // The record comes first: a finalizer without one says that what was known is lost.
    if (record?.revision === 0) await put(record);
    const finalizers = [...(entry.object.metadata.finalizers ?? []), finalizerOf(kind.resource)];
    const answer = await cluster.setFinalizers(entry, finalizers);
    if (answer === undefined) return 'gone';
    kind.watch.learn(answer);
    return 'again';
  };

  const release = async (kind: KindState, uid: string, entry: Entry, decision: Decision): Promise<Acted> => {
    const record = live.records.get(uid);
    const isKept = decision.reason === ABANDONED || decision.reason === RETAINED;
    if (isKept && record !== undefined && record.exists !== 'no') {
      await put(kept(record, decision.reason === ABANDONED ? ABANDONED : RETAINED, clock.now()));
    }
    const { finalizers = [], deletionTimestamp } = entry.object.metadata;
    const ours = finalizerOf(kind.resource);
    if (finalizers.includes(ours)) {
      const type = decision.reason === ABANDONED ? 'Warning' : 'Normal';
      await cluster.tell(contentOf(entry), { type, reason: decision.reason, message: decision.message });
      const answer = await cluster.setFinalizers(
        entry,
        finalizers.filter((finalizer) => finalizer !== ours),
      );
      if (answer !== undefined) kind.watch.learn(answer);
    }
    if (!isKept || record?.exists === 'no') await drop(live.records.get(uid));
    return deletionTimestamp === undefined ? 'again' : 'gone';
  };

  const cancel: Acting['cancel'] = async (id, user) => {
    try {
      await executions.cancel(id, user);
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof PetrelError) || (error.code !== 'conflict' && error.code !== 'not_found')) throw error;
    }
  };

  const cutShort = async (uid: string, why: Decision['why']): Promise<Acted> => {
    const record = live.records.get(uid);
    if (record?.intent === undefined || why === undefined) return 'again';
    await put({ ...record, intent: { ...record.intent, canceling: why } });
    await cancel(record.intent.executionId, USER);
    return 'again';
  };

  const look = async (kind: KindState, uid: string): Promise<Acted> => {
    const subject = subjectOf(live, kind, uid, jinja);
    if (subject !== undefined) looks.each(subject);
    return 'again';
  };

  return {
    put,
    fail,
    cancel,
    async perform(kind, uid, decision) {
      const entry = kind.watch.objects.get(uid);
      switch (decision.step) {
        case 'none':
          return entry === undefined ? 'gone' : 'report';
        case 'hold':
          return entry === undefined ? 'gone' : await hold(kind, uid, entry);
        case 'release':
          return entry === undefined ? 'gone' : await release(kind, uid, entry, decision);
        case 'forget':
          await drop(live.records.get(uid));
          return 'gone';
        case 'cancel':
          return await cutShort(uid, decision.why);
        case 'observe':
          return await look(kind, uid);
        case 'create':
        case 'update':
        case 'delete':
          return await request(kind, uid, decision.step);
      }
    },
  };
}
