import { createHash } from 'node:crypto';
import { type Change, compareVersions } from '../kubernetes/index.ts';
import { canonicalJson, type Json } from '../model/index.ts';
import type { KubernetesObject } from '../sdk/index.ts';
import type { HandledObject } from '../store/index.ts';

/** What is kept in memory of each object whose state was handled; everything else is in the store. */
interface Entry {
  readonly uid: string;
  readonly resourceVersion: string;
  /** metadata.generation, or a fingerprint where the kind has none. */
  readonly generation: number;
  readonly deleting: boolean;
}

/** One event to hand over. */
export interface Step {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly uid: string;
  /** Of a synthesised DELETED the last one handled. */
  readonly resourceVersion: string;
  readonly generationChanged: boolean;
  /** A DELETED that nobody saw: found by comparing a list, or a name's uid, with what was handled. */
  readonly synthesised: boolean;
  /** Undefined: the object is gone, its summary is in the store. */
  readonly object: KubernetesObject | undefined;
}

/** What a batch means: events, and what to write beside them. Nothing is in effect before `HandledIndex.accept`. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly put: readonly HandledObject[];
  /** uids */
  readonly remove: readonly string[];
  readonly entries: ReadonlyMap<string, Entry | undefined>;
}

/**
 * Which state of each object was handled, by namespace and name: of one name only one object lives at a time, so a new uid under
 * a name says that the old object is gone. It turns what a watch or a list says into what actually changed.
 */
export class HandledIndex {
  readonly #entries = new Map<string, PackedEntry>();

  constructor(handled: readonly HandledObject[]) {
    for (const object of handled) {
      const { uid, resourceVersion, generation, namespace, name } = object;
      const deleting = isDeleting(object.summary);
      this.#set(keyOf(namespace, name), { uid, resourceVersion, generation, deleting });
    }
  }

  #set(key: string, entry: Entry): void {
    this.#entries.set(flat(key), pack(entry));
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Changes of a watch. One that was handled before, or is older than what was handled, means nothing. */
  planChanges(changes: readonly Change[]): Plan {
    const draft = new Draft(this.#entries);
    for (const { type, object } of changes) {
      const known = draft.get(object);
      const age = known === undefined ? 'newer' : compareVersions(versionOf(object), known.resourceVersion);
      if (age === 'older') continue;
      if (type === 'DELETED') {
        // Of an object that is not known the deletion was handled already, or nobody ever heard of it.
        if (known?.uid === uidOf(object)) draft.delete(object);
      } else if (known?.uid !== uidOf(object) || age !== 'same') draft.set(object);
    }
    return draft.plan();
  }

  /** Some objects of a complete list: the truth, whatever was handled before. Their keys are added to `seen`. */
  planListed(objects: readonly KubernetesObject[], seen: Set<string>): Plan {
    const draft = new Draft(this.#entries);
    for (const object of objects) {
      seen.add(keyOf(object.metadata.namespace, object.metadata.name));
      const known = draft.get(object);
      if (known?.uid !== uidOf(object) || known.resourceVersion !== versionOf(object)) draft.set(object);
    }
    return draft.plan();
  }

  /** What was handled and is in no page of a complete list: at most `limit` objects that are gone. */
  planMissing(seen: ReadonlySet<string>, limit: number): Plan {
    const draft = new Draft(this.#entries);
    let count = 0;
    for (const key of this.#entries.keys()) {
      if (count === limit) break;
      if (seen.has(key)) continue;
      draft.lose(key);
      count += 1;
    }
    return draft.plan();
  }

  /** The plan was carried out. */
  accept(plan: Plan): void {
    for (const [key, entry] of plan.entries) {
      if (entry === undefined) this.#entries.delete(key);
      else this.#set(key, entry);
    }
  }
}

/** An entry as one text: 0.19 KB per object with its key, where the entry itself takes 0.31 KB (measured with 100,000 objects). */
type PackedEntry = string;

function pack({ uid, resourceVersion, generation, deleting }: Entry): PackedEntry {
  return flat(`${generation} ${deleting ? 1 : 0} ${resourceVersion} ${uid}`);
}

function unpack(packed: PackedEntry): Entry {
  const [generation, deleting, resourceVersion = '', ...uid] = packed.split(' ');
  return { uid: uid.join(' '), resourceVersion, generation: Number(generation), deleting: deleting === '1' };
}

/** V8 keeps a text that was put together as its parts; a copy lets them go. */
function flat(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** The index as it would be, and the events on the way there. */
class Draft {
  readonly #base: ReadonlyMap<string, PackedEntry>;
  readonly #entries = new Map<string, Entry | undefined>();
  readonly #steps: Step[] = [];
  readonly #put = new Map<string, HandledObject>();
  readonly #remove = new Set<string>();

  constructor(base: ReadonlyMap<string, PackedEntry>) {
    this.#base = base;
  }

  get({ metadata }: KubernetesObject): Entry | undefined {
    return this.#get(keyOf(metadata.namespace, metadata.name));
  }

  /** The object exists in this state. */
  set(object: KubernetesObject): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const uid = uidOf(object);
    let known = this.#get(key);
    if (known !== undefined && known.uid !== uid) {
      this.lose(key);
      known = undefined;
    }
    const entry: Entry = {
      uid,
      resourceVersion: versionOf(object),
      generation: generationOf(object),
      deleting: object.metadata.deletionTimestamp !== undefined,
    };
    this.#steps.push({
      type: known === undefined ? 'ADDED' : 'MODIFIED',
      uid,
      resourceVersion: entry.resourceVersion,
      generationChanged:
        known === undefined || known.generation !== entry.generation || (entry.deleting && !known.deleting),
      synthesised: false,
      object,
    });
    this.#entries.set(key, entry);
    this.#remove.delete(uid);
    this.#put.set(uid, handledObject(object, entry));
  }

  /** The object was deleted, and this is the last that was seen of it. */
  delete(object: KubernetesObject): void {
    this.#gone(keyOf(object.metadata.namespace, object.metadata.name), {
      type: 'DELETED',
      uid: uidOf(object),
      resourceVersion: versionOf(object),
      generationChanged: true,
      synthesised: false,
      object,
    });
  }

  /** The object under this key is gone without a word. */
  lose(key: string): void {
    const known = this.#get(key);
    if (known === undefined) return;
    const { uid, resourceVersion } = known;
    const last = this.#put.get(uid);
    // An object that came and went within one batch is not in the store yet.
    const object = last === undefined ? undefined : (last.summary as unknown as KubernetesObject); // summaryOf keeps what makes an object
    this.#gone(key, { type: 'DELETED', uid, resourceVersion, generationChanged: true, synthesised: true, object });
  }

  plan(): Plan {
    return { steps: this.#steps, put: [...this.#put.values()], remove: [...this.#remove], entries: this.#entries };
  }

  #get(key: string): Entry | undefined {
    if (this.#entries.has(key)) return this.#entries.get(key);
    const packed = this.#base.get(key);
    return packed === undefined ? undefined : unpack(packed);
  }

  #gone(key: string, step: Step): void {
    this.#steps.push(step);
    this.#entries.set(key, undefined);
    this.#put.delete(step.uid);
    this.#remove.add(step.uid);
  }
}

/** What a synthesised DELETED will show: metadata without managed fields, and the spec. */
export function summaryOf(object: KubernetesObject): HandledObject['summary'] {
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  // Objects of 2016 (ThirdPartyResources) kept their wishes beside metadata; other kinds without a spec may hold secrets.
  const { status: _status, ...wishes } = object;
  const body = object.spec === undefined && isCustom(object.apiVersion) ? wishes : { spec: object.spec };
  return JSON.parse(
    JSON.stringify({ ...body, apiVersion: object.apiVersion, kind: object.kind, metadata }),
  ) as HandledObject['summary']; // an object went in, so a JSON object comes out
}

function handledObject(object: KubernetesObject, entry: Entry): HandledObject {
  return {
    uid: entry.uid,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    resourceVersion: entry.resourceVersion,
    generation: entry.generation,
    summary: summaryOf(object),
  };
}

/** Kubernetes' own groups have no dot or end in k8s.io. */
function isCustom(apiVersion: string): boolean {
  const group = apiVersion.split('/')[0] ?? '';
  return apiVersion.includes('/') && group.includes('.') && !group.endsWith('.k8s.io');
}

function isDeleting(summary: HandledObject['summary']): boolean {
  const metadata = summary.metadata as { readonly deletionTimestamp?: Json } | undefined; // summaryOf wrote it
  return metadata?.deletionTimestamp !== undefined;
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

export function uidOf({ metadata }: KubernetesObject): string {
  return metadata.uid ?? keyOf(metadata.namespace, metadata.name);
}

function versionOf({ metadata }: KubernetesObject): string {
  return metadata.resourceVersion ?? '';
}

/**
 * Kinds without metadata.generation (ConfigMaps, ThirdPartyResources of 2016) get 48 bits of a hash over everything but
 * metadata and status, so that writing a status is no change of what is wanted there either.
 */
function generationOf(object: KubernetesObject): number {
  if (object.metadata.generation !== undefined) return object.metadata.generation;
  const { metadata: _metadata, status: _status, ...wanted } = object;
  return createHash('sha1').update(canonicalJson(wanted)).digest().readUIntBE(0, 6);
}
