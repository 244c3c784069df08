import { type StepContext, z } from 'petrel/sdk';
import { databasesIn, type Kind } from './cluster.ts';
import { readNote } from './note.ts';
import { type Outputs, outputs, type Spec, specOf } from './subject.ts';

/** A database as it is wished, and as it was told to be. */
export interface WishedDatabase {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly spec: Spec;
  /** Null: it was never brought about. */
  readonly made: Outputs | null;
  /** The owner's tag, where it is known. */
  readonly tag: string | null;
  /** Of the Secret that was written, where there is one. */
  readonly secretDigest: string | null;
  /** What is to be put right, whatever is seen outside. */
  readonly due: readonly string[];
}

const status = z.object({ outputs });

/** All databases of one kind that are wished. Of most of them nothing else is read than the list. */
export async function wishesOf(
  kind: Kind,
  { kubernetes, datastore, signal }: StepContext,
  now: number,
): Promise<readonly WishedDatabase[]> {
  const objects = await databasesIn(kubernetes, { signal, kinds: [kind] });
  const names = new Map(objects.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.uid ?? '']));
  const wishes: WishedDatabase[] = [];
  for (const { metadata, spec: given, status: told } of objects) {
    const { uid = '', namespace = '', name } = metadata;
    const spec = specOf(kind.kind, given);
    const read = status.safeParse(told);
    const made = read.success ? read.data.outputs : null;
    const isSpecial = made?.provider === 'server' || made?.secret !== undefined || spec.replicaOf !== undefined;
    const note = made !== null && isSpecial ? await readNote(datastore, uid) : null;
    const due: string[] = [];
    if (note !== null && note.retire_at !== null && note.retire_at <= now) {
      due.push('the time of the former credentials is over');
    }
    if (note !== null && spec.replicaOf !== undefined) {
      const source = await readNote(datastore, names.get(`${namespace}/${spec.replicaOf}`) ?? '');
      if (source !== null && source.password_key !== note.password_key)
        due.push('the credentials of its source changed');
    }
    const secretDigest = note?.secret_digest ?? null;
    wishes.push({ uid, namespace, name, spec, made, tag: note?.owner ?? null, secretDigest, due });
  }
  return wishes;
}
