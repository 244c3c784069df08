/**
 * From an event to requested executions: a trigger instance is stored, the rules are matched in the same pass, and enforcements and
 * executions are written in the same transaction. Nothing is run here; the executions room claims what was requested.
 */
export { ANNOUNCEMENT_TRIGGER, type Announcements, createAnnouncements } from './announcements.ts';
export type { Dispatched, EventSink } from './dispatch.ts';
export { createEvents, type EventServices, type Events, type EventTracer } from './events.ts';
export { createFinishedEvent } from './finished.ts';
export { createInquiryEvent } from './inquiry.ts';
export { createKeyEvents } from './key-events.ts';
export { createEventMetrics, type EventObserver } from './metrics.ts';
