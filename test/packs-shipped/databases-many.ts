import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../src/model/index.ts';
import { API_VERSION, type DatabasePetrel } from '../chaos/database-petrel.ts';
import { databaseProblems, type Outside, type PostedDatabase } from '../chaos/database-verdict.ts';

export const NAMESPACES = ['shop', 'lab', 'bank', 'play'];
const COUNT = 200;

export interface ManyDatabases {
  readonly petrel: DatabasePetrel;
  outside(): Promise<Outside>;
  /** What the spec of the database with that number has besides. */
  specOf?(index: number): JsonObject;
  /** Looks at them when all are as wished, before they are deleted. */
  look?(objects: readonly PostedDatabase[]): Promise<void>;
  /** Milliseconds in which all must be as wished. */
  readonly patience: number;
}

/**
 * The full life of 200 databases posted at once, with 20 changed and 20 deleted while they are being created: waits until what exists is
 * exactly what is wished, then deletes all, and waits until nothing is left. Throws with what is not as wished. Answers the objects that
 * were there in between, and how many milliseconds each of the two took.
 */
export async function liveManyDatabases({
  petrel,
  outside,
  specOf = () => ({}),
  look = async () => {},
  patience,
}: ManyDatabases): Promise<{ objects: readonly PostedDatabase[]; up: number; down: number }> {
  const { client } = petrel;
  const references = Array.from({ length: COUNT }, (_, index) => ({
    apiVersion: API_VERSION,
    kind: index % 2 === 0 ? 'MysqlDb' : 'PostgresDb',
    namespace: NAMESPACES[index % NAMESPACES.length] ?? '',
    name: `db${index}`,
  }));
  const began = performance.now();
  await inParallel(references, async ({ apiVersion, kind, namespace, name }, index) => {
    const spec = { size: 'small', storageGb: 20, ...specOf(index) };
    await client.create({ apiVersion, kind, metadata: { namespace, name }, spec });
  });
  // So that some have not begun, some are being created and some are there.
  while ((await outside()).instances.length < COUNT / 4) await sleep(50);
  const early = (await petrel.objects()).filter(({ ready }) => ready).length;
  if (early > COUNT / 2) {
    throw new Error(`${early} of ${COUNT} were ready before any was changed, which shows little.`);
  }
  // Of both kinds, as one may be served before the other.
  const chosen = (...remainders: number[]) => references.filter((_, index) => remainders.includes(index % 20));
  await inParallel(chosen(3, 12), (reference) => client.patch(reference, { spec: { size: 'medium', storageGb: 40 } }));
  await inParallel(chosen(6, 7), (reference) => client.delete(reference));

  await settles();
  const objects = await petrel.objects();
  if (objects.length !== COUNT - 20) throw new Error(`There are ${objects.length} databases, not ${COUNT - 20}.`);
  const changed = objects.filter(({ spec }) => spec.size === 'medium' && spec.storageGb === 40);
  if (changed.length !== 20) throw new Error(`${changed.length} databases are changed, not 20.`);
  const up = performance.now() - began;
  await look(objects);
  const then = performance.now();
  await inParallel(objects, ({ kind, namespace, name }) =>
    client.delete({ apiVersion: API_VERSION, kind, namespace, name }),
  );
  await settles();
  return { objects, up, down: performance.now() - then };

  async function settles(): Promise<void> {
    for (const deadline = Date.now() + patience; ; await sleep(500)) {
      const none = new Set<string>();
      const found = databaseProblems(await petrel.objects(), await outside(), {
        mayHaveSnapshot: none,
        mustHaveSnapshot: none,
      });
      if (found.length === 0) return;
      if (Date.now() > deadline) throw new Error(`Not as wished:\n  ${found.slice(0, 20).join('\n  ')}`);
    }
  }
}

/** Ten at a time. */
async function inParallel<T>(all: readonly T[], work: (one: T, index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < all.length) {
      const index = next++;
      const one = all[index];
      if (one !== undefined) await work(one, index);
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
}
