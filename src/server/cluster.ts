import {
  createKubernetesClient,
  type KubernetesClient,
  loadKubernetesConfig,
  type WatchTiming,
} from '../kubernetes/index.ts';
import { PetrelError } from '../model/index.ts';
import { noCluster } from '../sdk/index.ts';

export interface KubernetesSettings {
  readonly kubeconfig?: string;
  readonly url?: string;
  readonly token?: string;
  /** Waits of the watches; for tests that cannot wait for minutes. */
  readonly timing?: Partial<WatchTiming>;
}

/** Without a configured cluster everything but Kubernetes works; what needs it says so. */
export const noKubernetes = noCluster(
  () =>
    new PetrelError(
      'unavailable',
      'No Kubernetes cluster is configured. Start Petrel with --kubeconfig FILE or --kubernetes-url URL.',
    ),
);

/** Undefined: no cluster is configured. */
export async function connectKubernetes(
  settings: KubernetesSettings | undefined,
): Promise<KubernetesClient | undefined> {
  if (settings === undefined) return undefined;
  const config = await loadKubernetesConfig({ ...settings, env: process.env });
  return config && createKubernetesClient(config);
}
