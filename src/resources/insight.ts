import {
  type Execution,
  isJsonObject,
  type Json,
  type JsonObject,
  PetrelError,
  type Resource,
} from '../model/index.ts';
import type { Store } from '../store/index.ts';
import { subjectOf } from './facts.ts';
import { handlerOf } from './handlers.ts';
import type { KindState, Live } from './live.ts';
import { deviationsOf } from './observation.ts';
import type { Reconciler } from './reconciler.ts';
import type { ResourceServices } from './services.ts';

/** How an object stands, in a few words. */
export interface ObjectView extends JsonObject {
  readonly uid: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly generation: number;
  readonly applied: number;
  readonly state: string;
  readonly reason: string;
  readonly message: string;
  readonly execution: string | null;
}

export interface Explanation extends ObjectView {
  /** What would be done next. */
  readonly step: string;
  readonly owner: JsonObject | null;
  readonly desired: JsonObject;
  readonly observed: JsonObject | null;
  readonly difference: readonly string[];
  readonly outputs: JsonObject;
  readonly failure: JsonObject | null;
  /** Executions for this object among the newest of each handler, newest first. */
  readonly history: readonly JsonObject[];
}

/** Objects of all declared resources, and what is left of those that are gone; by kind and name. */
export function objectViews(reconciler: Reconciler, ref?: string): readonly ObjectView[] {
  const { live } = reconciler;
  const views: ObjectView[] = [];
  const seen = new Set<string>();
  for (const kind of live.kinds.values()) {
    for (const uid of kind.watch.objects.keys()) {
      seen.add(uid);
      if (ref === undefined || ref === kind.resource.ref) views.push(objectView(reconciler, kind, uid));
    }
  }
  for (const record of live.records.values()) {
    if (seen.has(record.uid) || (ref !== undefined && ref !== record.resource)) continue;
    const kind = live.kinds.get(record.resource);
    views.push(kind === undefined ? undeclared(live, record.uid) : objectView(reconciler, kind, record.uid));
  }
  return views.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
}

export function objectView(reconciler: Reconciler, kind: KindState, uid: string): ObjectView {
  const { live } = reconciler;
  const entry = kind.watch.objects.get(uid);
  const record = live.records.get(uid);
  // As it was decided last; to decide anew for 10,000 objects would take a second.
  const decision = live.decisions.get(uid) ?? safely(() => reconciler.decisionFor(kind, uid));
  const metadata = entry?.object.metadata;
  return {
    uid,
    resource: kind.resource.ref,
    kind: kind.resource.kind,
    namespace: (metadata?.namespace ?? record?.namespace) || null,
    name: metadata?.name ?? record?.name ?? '',
    generation: metadata?.generation ?? 0,
    applied: record?.generation ?? 0,
    state: decision?.state ?? 'waiting',
    reason: decision?.reason ?? 'Starting',
    message: decision?.message ?? '',
    execution: record?.intent?.executionId ?? live.executions.get(uid) ?? null,
  };
}

/** Its pack is gone: nobody reconciles it, and its finalizer holds it. */
function undeclared(live: Live, uid: string): ObjectView {
  const record = live.records.get(uid);
  const kind = record?.object.kind;
  return {
    uid,
    resource: record?.resource ?? '',
    kind: typeof kind === 'string' ? kind : '',
    namespace: record?.namespace || null,
    name: record?.name ?? '',
    generation: 0,
    applied: record?.generation ?? 0,
    state: 'blocked',
    reason: 'NotDeclared',
    message: `No pack declares ${record?.resource} any more. Bring the pack back, or release the object with petrel resource abandon.`,
    execution: record?.intent?.executionId ?? null,
  };
}

export function pathOf({ kind, namespace, name }: Pick<ObjectView, 'kind' | 'namespace' | 'name'>): string {
  return [kind, ...(namespace === null ? [] : [namespace]), name].join('/');
}

/**
 * The object that a name means: a uid, `name`, `namespace/name`, `kind/name` or `kind/namespace/name`. Throws `PetrelError`:
 * `not_found`, `conflict` (several).
 */
export function findObject(views: readonly ObjectView[], name: string): ObjectView {
  const wanted = name.toLowerCase();
  const fits = (view: ObjectView) =>
    view.uid === name ||
    [
      view.name,
      `${view.namespace}/${view.name}`,
      `${view.kind}/${view.name}`,
      `${view.kind}/${view.namespace}/${view.name}`,
    ].some((path) => path.toLowerCase() === wanted);
  const found = views.filter(fits);
  const [first] = found;
  if (first === undefined) {
    throw new PetrelError(
      'not_found',
      `No object of a declared resource is called "${name}". List them with \`petrel resource list\`.`,
    );
  }
  if (found.length === 1) return first;
  const names = found.map((view) => `${pathOf(view)} (${view.uid})`).join(', ');
  throw new PetrelError(
    'conflict',
    `"${name}" may mean several objects: ${names}. Name one of them in full, or by its uid.`,
  );
}

const HISTORY = 200;

export async function explain(
  reconciler: Reconciler,
  services: Pick<ResourceServices, 'store' | 'jinja' | 'masker'>,
  view: ObjectView,
): Promise<Explanation> {
  const { live } = reconciler;
  const kind = live.kinds.get(view.resource);
  const record = live.records.get(view.uid);
  const failure = record?.failure === undefined ? null : { ...record.failure };
  const nothing = { step: 'none', owner: null, desired: {}, observed: null, difference: [], history: [] };
  if (kind === undefined) return { ...view, ...nothing, outputs: record?.outputs ?? {}, failure };
  const subject = safely(() => subjectOf(live, kind, view.uid, services.jinja));
  const observed = live.observations.get(view.uid);
  const decision = safely(() => reconciler.decisionFor(kind, view.uid));
  return services.masker.maskJson({
    ...view,
    step: decision?.step ?? 'none',
    owner: subject?.owner ?? null,
    desired: subject?.desired ?? {},
    observed:
      observed === undefined
        ? null
        : { ...observed, drift: [...observed.drift], at: new Date(observed.at).toISOString() },
    difference: observed === undefined || subject === undefined ? [] : deviationsOf(subject.desired, observed),
    outputs: record?.outputs ?? {},
    failure,
    history: await historyOf(services.store, kind.resource, view.uid),
  });
}

async function historyOf(
  store: Pick<Store, 'listExecutions'>,
  resource: Resource,
  uid: string,
): Promise<readonly JsonObject[]> {
  const names = (['create', 'update', 'delete', 'observe'] as const).filter(
    (name) => name === 'update' || resource[name],
  );
  const actions = new Set(names.map((name) => handlerOf(resource, name).action));
  const found: Execution[] = [];
  for (const actionRef of actions) {
    const { items } = await store.listExecutions({ actionRef, parentId: null }, { limit: HISTORY, offset: 0 });
    found.push(...items.filter(({ context }) => isJsonObject(context.resource) && context.resource.uid === uid));
  }
  return found
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .map(({ id, actionRef, status, createdAt, endedAt, context }) => {
      const { handler = null, generation = null }: JsonObject = isJsonObject(context.resource) ? context.resource : {};
      return { id, action: actionRef, handler, generation, status, created: iso(createdAt), ended: iso(endedAt) };
    });
}

function iso(time: number | undefined): Json {
  return time === undefined ? null : new Date(time).toISOString();
}

/** A template that fails is told by the object's state. */
function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof PetrelError) return undefined;
    throw error;
  }
}
