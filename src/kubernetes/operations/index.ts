/**
 * Every operation of every API that the cluster serves, as an action, made from the cluster's own OpenAPI documents when somebody names it.
 * Nothing here is generated, and nothing is read at start. How an operation is carried out is the runner's business (src/runners).
 */
export { callOfAction, mayBeOperation, OPERATION_RUNNER, OPERATIONS_PACK } from './action.ts';
export { createOperationCatalogue } from './catalogue.ts';
export { createDocumentStore } from './document-store.ts';
export { PATCH_TYPES, placeholdersOf } from './read-document.ts';
