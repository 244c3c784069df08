import { type Execution, type JsonObject, traceContextOf } from '../model/index.ts';
import type { Events } from './events.ts';

/** StackStorm's event when an inquiry begins to wait for its answer, so that a rule can tell people. */
const INQUIRY_TRIGGER = 'core.st2.generic.inquiry';

/** Answers what has to be written when an execution begins to wait for an answer. */
export function createInquiryEvent(
  events: Pick<Events, 'plan'>,
): (execution: Execution, result: JsonObject) => ReturnType<Events['plan']> {
  return ({ id, context }, { route }) =>
    events.plan([
      {
        trigger: INQUIRY_TRIGGER,
        parameters: {},
        payload: { id, route: typeof route === 'string' ? route : '' },
        dedupeKey: `${INQUIRY_TRIGGER}|${id}`,
        traceContext: traceContextOf({ id, context }),
        causedBy: id,
      },
    ]);
}
