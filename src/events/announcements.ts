import { type Id, isJsonObject, type JsonObject, traceContextOf } from '../model/index.ts';
import type { Store } from '../store/index.ts';
import type { EventSink } from './dispatch.ts';

/** Petrel's own trigger type, so that rules can listen to what StackStorm only streams. */
export const ANNOUNCEMENT_TRIGGER = 'core.st2.announcement';

export interface Announcements {
  /** Resolves once it is stored as a trigger instance, which the event stream of every node shows as `st2.announcement__ROUTE`. */
  announce(said: { readonly executionId: Id; readonly route: string; readonly payload: JsonObject }): Promise<void>;
}

/** What actions of the runner `announcement` say. It is an event like any other: durable, seen by every node, and rules can follow it. */
export function createAnnouncements(events: EventSink, store: Pick<Store, 'getExecution'>): Announcements {
  return {
    async announce({ executionId, route, payload }) {
      const execution = await store.getExecution(executionId);
      const trace = execution?.context.trace_context;
      const event = { route, payload, trace_context: isJsonObject(trace) ? trace : {} };
      // Not once per execution: a retried action says it again, as in StackStorm.
      await events.dispatch([
        {
          trigger: ANNOUNCEMENT_TRIGGER,
          parameters: {},
          payload: event,
          ...(execution && { traceContext: traceContextOf(execution), causedBy: execution.id }),
        },
      ]);
    },
  };
}
