import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startConsulSandbox, startKubernetesSandbox, startRdsSandbox, startVaultSandbox } from '../sandbox/index.ts';
import { type Addresses, packConfigs } from './story/world.ts';

export interface StandIns {
  readonly addresses: Addresses;
  /** kubectl's configuration for the Kubernetes API. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

/** Starts all four stand-ins on free loopback ports, and writes what is needed to reach them into `directory`. */
export async function startStandIns(directory: string): Promise<StandIns> {
  const [kubernetes, rds, consul, vault] = await Promise.all([
    startKubernetesSandbox(),
    startRdsSandbox(),
    startConsulSandbox(),
    startVaultSandbox(),
  ]);
  const addresses: Addresses = {
    kubernetes: { url: kubernetes.url, token: kubernetes.token },
    rds: { url: rds.url },
    consul: { url: consul.url },
    vault: { url: vault.url, token: vault.token },
  };
  const kubeconfig = join(directory, 'kubeconfig');
  await mkdir(join(directory, 'configs'), { recursive: true, mode: 0o700 });
  await writeFile(kubeconfig, kubernetes.kubeconfig, { mode: 0o600 });
  for (const [pack, values] of Object.entries(packConfigs(addresses))) {
    await writeFile(join(directory, 'configs', `${pack}.yaml`), JSON.stringify(values, null, 2), { mode: 0o600 });
  }
  return {
    addresses,
    kubeconfig,
    async close() {
      await Promise.all([kubernetes.close(), rds.close(), consul.close(), vault.close()]);
    },
  };
}
