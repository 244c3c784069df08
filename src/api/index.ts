/**
 * The HTTP surface: StackStorm's routes and shapes, one file per resource. It translates and authorises; it decides nothing.
 */
export { createApi } from './api.ts';
export { showExecution } from './execution-view.ts';
export { helpOf, resultOf } from './routes/aliases.ts';
export type { ApiServices, HttpSettings, RequestLogEntry } from './services.ts';
export { aliasUid, idOf, registeredCounts } from './views.ts';
