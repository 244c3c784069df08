import { type Datastore, z } from 'petrel/sdk';
import { readApplied, writeApplied } from './applied.ts';
import type { WishedDatabase } from './wishes.ts';

/** What RDS tells of an instance. */
export interface RdsEvent {
  readonly id: string;
  readonly at: string;
}

/** What RDS calls the event of a new master password, whoever has set it (RDS-EVENT-0016). It is the only trace: no password can be read back. */
export const RESET = 'Reset master credentials';

/** How far back is looked, in minutes: longer than Petrel is ever away, and little to answer. */
export const WINDOW = 24 * 60;

const config = z.object({ reset_grace: z.number().default(600) });

/**
 * Uids of instances whose master password was reset by somebody else: later than the time at which ours was taken. From then on it is in doubt which
 * one holds, so that `rds_ensure` tells ours again.
 */
export async function foreignResets(
  events: readonly RdsEvent[],
  wishes: readonly WishedDatabase[],
  packConfig: unknown,
  datastore: Datastore,
): Promise<readonly string[]> {
  // RDS has a clock of its own, and may tell of ours a while after it was done.
  const grace = config.parse(packConfig).reset_grace * 1000;
  const last = new Map<string, number>();
  for (const { id, at } of events) last.set(id, Math.max(last.get(id) ?? 0, Date.parse(at)));
  const found: string[] = [];
  for (const { uid, made, spec } of wishes) {
    const at = made?.provider === 'rds' && spec.replicaOf === undefined ? last.get(made.instance) : undefined;
    const applied = at === undefined ? null : await readApplied(datastore, uid);
    if (at === undefined || applied === null || at <= applied.at + grace) continue;
    found.push(uid);
    if (applied.key !== '') await writeApplied(datastore, uid, { key: '', at: applied.at });
  }
  return found;
}
