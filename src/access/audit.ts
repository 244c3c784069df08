import type { Events } from '../events/index.ts';
import { type AuditRecord, messageOf, newId } from '../model/index.ts';
import type { Logger } from '../sdk/index.ts';
import type { AuditFilter, Listed, Page, Store } from '../store/index.ts';

/** The trigger type that rules on changes are bound to. */
const TRIGGER = 'petrel.audit';

/** How long records are kept; milliseconds. */
export const AUDIT_KEPT = 400 * 24 * 60 * 60 * 1000;

export interface Audit {
  /** Stores the record, with its event where a rule listens, in one transaction. A failure is logged: the change has been made. */
  record(record: Omit<AuditRecord, 'id' | 'at'>): Promise<void>;
  list(filter: AuditFilter, page: Page): Promise<Listed<AuditRecord>>;
  sweep(): Promise<number>;
}

export function createAudit(services: {
  readonly store: Store;
  readonly events: Pick<Events, 'dispatch' | 'isBound'>;
  readonly log: Logger;
  readonly now: () => number;
}): Audit {
  const { store, events, log, now } = services;
  return {
    async record(entry) {
      const record: AuditRecord = { id: newId(), at: now(), ...entry };
      try {
        if (!events.isBound(TRIGGER)) return await store.insertAudit(record);
        const event = { trigger: TRIGGER, parameters: {}, payload: payloadOf(record), dedupeKey: `audit ${record.id}` };
        await events.dispatch([event], (tx) => tx.insertAudit(record));
      } catch (error) {
        const { user, action, target, outcome } = record;
        log.error(`The audit log could not be written (${messageOf(error)}): ${user} ${action} ${target} ${outcome}`);
      }
    },
    list: (filter, page) => store.listAudit(filter, page),
    sweep: () => store.deleteAuditBefore(now() - AUDIT_KEPT),
  };
}

function payloadOf({ at, requestId, ...record }: AuditRecord) {
  return { ...record, at: new Date(at).toISOString(), request_id: requestId };
}
