/**
 * An API server in one process, for a laptop and for tests: the wire protocol of Kubernetes, so that kubectl and every client library
 * work with it unchanged.
 *
 * What it is: generic storage (storage.ts, watch-cache.ts) with one revision counter over everything; a registry of kinds (registry.ts,
 * kinds/) into which built-in kinds, CRDs and ThirdPartyResources are entered in one form; what happens to an object on its way into storage
 * (objects/, schema/, fields/, patch/); the HTTP verbs (rest/); the few controllers an API server needs to be one (controllers/).
 *
 * What it deliberately is not: a cluster. Nothing runs, no pod is scheduled, nobody is authorised beyond holding the token, and nothing
 * survives the process.
 */
export type { KubernetesFaults, Refusal } from './faults.ts';
export { type KubernetesSandbox, type KubernetesSandboxOptions, startKubernetesSandbox } from './sandbox.ts';
