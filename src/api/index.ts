/**
 * The HTTP surface: StackStorm's routes and shapes, one file per resource. It translates and authorises; it decides nothing.
 */
export { createApi } from './api.ts';
export { helpOf, resultOf } from './routes/aliases.ts';
export type { ApiServices } from './services.ts';
export { aliasUid, executionView, idOf, registeredCounts } from './views.ts';
