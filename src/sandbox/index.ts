/**
 * A laptop's stand-ins for the outside world: servers on 127.0.0.1 that speak the real wire protocols, so that production clients
 * run against them unchanged, and that fail on request. They keep everything in memory, are nobody's production service, and import
 * no other room: what holds against them must hold against the real thing, which the conformance tests check.
 */
export { type ConsulSandbox, type ConsulSandboxOptions, startConsulSandbox } from './consul/index.ts';
export { type Failure, type FaultRates, type FaultScope, type Faults, seeded } from './faults.ts';
export {
  type KubernetesFaults,
  type KubernetesSandbox,
  type KubernetesSandboxOptions,
  startKubernetesSandbox,
  /** The same, for those who want a Kubernetes API server and nothing else of Petrel. */
  startKubernetesSandbox as startSandbox,
  type TokenUser,
} from './kubernetes/index.ts';
export {
  type Creation,
  type Instance,
  type InstanceStatus,
  type RdsSandbox,
  type RdsSandboxOptions,
  type Snapshot,
  startRdsSandbox,
} from './rds/index.ts';
export { type SecretData, startVaultSandbox, type VaultSandbox, type VaultSandboxOptions } from './vault/index.ts';
