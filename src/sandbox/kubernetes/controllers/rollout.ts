/** How many pods each of a deployment's replica sets may have at a moment: pure arithmetic, as the real controller's. */

export interface Share {
  readonly name: string;
  /** How many it asks for, has running, and of those are available. */
  readonly wanted: number;
  readonly available: number;
}

export interface Rollout {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** A number or a percentage of the replicas, rounded up or down. */
export function share(value: unknown, replicas: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' && /^\d+%$/.test(value) ? Number(value.slice(0, -1)) : 0;
  return round((replicas * percent) / 100);
}

/** Surge rounds up and unavailability down; where both are nought one pod may be unavailable, or nothing would ever move. */
export function limits(maxSurge: unknown, maxUnavailable: unknown, replicas: number): Rollout {
  const surge = share(maxSurge, replicas, Math.ceil);
  const unavailable = Math.min(share(maxUnavailable, replicas, Math.floor), replicas);
  return { replicas, maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** How many the new replica set is to have next. */
export function nextOfNew(rollout: Rollout, fresh: Share, old: readonly Share[]): number {
  if (fresh.wanted >= rollout.replicas) return rollout.replicas;
  const total = fresh.wanted + sum(old.map((one) => one.wanted));
  const room = rollout.replicas + rollout.maxSurge - total;
  return room <= 0 ? fresh.wanted : fresh.wanted + Math.min(room, rollout.replicas - fresh.wanted);
}

/** How many each of the old replica sets is to have next: pods that are of no use go first, then as many as can be spared. */
export function nextOfOld(rollout: Rollout, fresh: Share, old: readonly Share[]): ReadonlyMap<string, number> {
  const least = rollout.replicas - rollout.maxUnavailable;
  const total = fresh.wanted + sum(old.map((one) => one.wanted));
  const next = new Map(old.map((one) => [one.name, one.wanted]));
  let spare = total - least - (fresh.wanted - fresh.available);
  if (spare <= 0) return next;
  for (const one of old) {
    const useless = Math.min(one.wanted - one.available, spare);
    if (useless <= 0) continue;
    next.set(one.name, one.wanted - useless);
    spare -= useless;
  }
  let surplus = fresh.available + sum(old.map((one) => one.available)) - least;
  for (const one of old) {
    const wanted = next.get(one.name) ?? 0;
    const less = Math.min(wanted, Math.max(0, surplus));
    next.set(one.name, wanted - less);
    surplus -= less;
  }
  return next;
}
