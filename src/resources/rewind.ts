import type { ResourceRecord } from '../model/index.ts';
import type { Live } from './live.ts';

/**
 * A clock may be set back, between two runs or in one. Whatever was done "later than now" would make every look count as older than it, and be
 * looked at for ever; so what lies ahead is taken as of now. It is so in memory, and is stored with the next write.
 */
export function rewound(record: ResourceRecord, now: number, maxDelay: number): ResourceRecord {
  const { settledAt, intent, failure } = record;
  const isAhead = settledAt > now || (intent?.startedAt ?? 0) > now || (failure?.retryAt ?? 0) > now + maxDelay * 1000;
  if (!isAhead) return record;
  return {
    ...record,
    settledAt: Math.min(settledAt, now),
    ...(intent && { intent: { ...intent, startedAt: Math.min(intent.startedAt, now) } }),
    ...(failure && {
      failure: {
        ...failure,
        ...(failure.retryAt !== undefined && { retryAt: Math.min(failure.retryAt, now + maxDelay * 1000) }),
      },
    }),
  };
}

/** The same for everything that is known. */
export function rewindAll(live: Live, now: number, maxDelayOf: (resource: string) => number): void {
  for (const [uid, record] of live.records) {
    live.records.set(uid, rewound(record, now, maxDelayOf(record.resource)));
  }
  for (const [uid, seen] of live.observations) if (seen.at > now) live.observations.set(uid, { ...seen, at: now });
  for (const [uid, at] of live.running) live.running.set(uid, Math.min(at, now));
}
