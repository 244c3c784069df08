/**
 * Petrel's own door to Kubernetes: find the cluster (kubeconfig, service account, URL), act on any kind it serves, and watch any
 * kind without missing or inventing a change. Logs and programs in pods (exec) are there, too, and every operation that the cluster's
 * OpenAPI documents describe, as an action (operations/).
 *
 * There is no generated code and no model of any kind: paths come from discovery and objects stay as the server sent them. The
 * watch is three nested loops, each of which can be run alone: for ever (`runWatch`), until the server has forgotten the changes after the
 * cursor (`watchUntilExpired`), one connection (`watchConnection`).
 *
 * Whoever wants types generates them: openapi/ reads an API's description in any of its formats, generate/ makes TypeScript of it. Both are
 * pure but for reading and writing files, and nothing else in Petrel uses them.
 *
 * It deliberately stores nothing, knows no triggers or rules (src/sensors does), and does not retry requests: whoever acts decides
 * whether a failure may be repeated. Only a watch goes on by itself, because going on is what it is for.
 */
export { type Backoff, type BackoffLimits, createBackoff } from './backoff.ts';
export {
  createKubernetesClient,
  type KubernetesClient,
  type ListPageOptions,
  type ListStreamOptions,
  type WatchClient,
  type WatchStreamOptions,
  type WatchTarget,
} from './client.ts';
export { type Clock, pause, systemClock } from './clock.ts';
export { type KubernetesConfig, type KubernetesSettings, loadKubernetesConfig } from './config.ts';
export type { ApiResource } from './discovery.ts';
export { isExpired, isNotFound } from './errors.ts';
export { type GeneratedClient, generateClient } from './generate/client.ts';
export { type GeneratedTypes, generateCrdTypes } from './generate/crd-types.ts';
export { directoryName } from './generate/names.ts';
export { writeFiles, writeOneFile } from './generate/write.ts';
export { readManifests } from './manifests.ts';
export type { ListPage } from './objects.ts';
export type { ApiDocument } from './openapi/convert.ts';
export { loadApiDocument, loadClusterDocument } from './openapi/load.ts';
export {
  callOfAction,
  createDocumentStore,
  createOperationCatalogue,
  mayBeOperation,
  OPERATION_RUNNER,
  OPERATIONS_PACK,
  PATCH_TYPES,
  placeholdersOf,
} from './operations/index.ts';
export { type MigratedResource, migrateThirdPartyResources } from './third-party-resources.ts';
export type { ApiRequest, ApiStream } from './transport.ts';
export { runWatch, type WatchOptions } from './watch.ts';
export { compareVersions } from './watch-connection.ts';
export {
  type Change,
  describeTarget,
  type RestartReason,
  WATCH_TIMING,
  type WatchHandlers,
  type WatchState,
  type WatchTiming,
} from './watch-types.ts';
