/**
 * An API server in one process, for a laptop and for tests: the wire protocol of Kubernetes, so that kubectl and every client library
 * work with it unchanged.
 *
 * What it is: generic storage (storage.ts, watch-cache.ts) with one revision counter over everything; a registry of kinds (registry.ts,
 * kinds/) into which built-in kinds, CRDs and ThirdPartyResources are entered in one form; what happens to an object on its way into storage
 * (objects/, schema/, fields/, patch/); the HTTP verbs (rest/); the controllers that bring workloads to life (controllers/),
 * down to pods that live as their annotations say.
 *
 * What it deliberately is not: a cluster. No container runs, no packet is routed, and nothing survives the process unless a directory
 * is given to keep it in.
 */
export type { TokenUser } from './authentication.ts';
export type { Certificate } from './certificate.ts';
export type { Timers } from './controllers/controller.ts';
export type { KubernetesFaults, Refusal } from './faults.ts';
export { type KubernetesSandbox, type KubernetesSandboxOptions, startKubernetesSandbox } from './sandbox.ts';
