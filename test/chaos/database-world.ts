import {
  type ConsulSandbox,
  type KubernetesSandbox,
  type RdsSandbox,
  startConsulSandbox,
  startKubernetesSandbox,
  startRdsSandbox,
  startVaultSandbox,
  type VaultSandbox,
} from '../../src/sandbox/index.ts';
import { type DatabasePetrel, openDatabasePetrel, uidOf } from './database-petrel.ts';
import type { Outside, Owned } from './database-verdict.ts';

/** Stand-ins for everything, and a Petrel that is killed and started again. */
export interface DatabaseWorld extends DatabasePetrel {
  readonly kubernetes: KubernetesSandbox;
  readonly rds: RdsSandbox;
  readonly consul: ConsulSandbox;
  readonly vault: VaultSandbox;
  outside(): Promise<Outside>;
}

/** Milliseconds: states pass quickly, and descriptions are so late that a deletion may come before them. */
const DELAYS = { create: 150, backup: 60, modify: 80, reboot: 50, delete: 100, snapshot: 80, appear: 1000 };

export async function openDatabaseWorld(directory: string, namespaces: readonly string[]): Promise<DatabaseWorld> {
  const [kubernetes, rds, consul, vault] = await Promise.all([
    startKubernetesSandbox(),
    startRdsSandbox({ delays: DELAYS }),
    startConsulSandbox(),
    startVaultSandbox(),
  ]);
  const addresses = {
    kubernetes: { url: kubernetes.url, token: kubernetes.token },
    rds: { url: rds.url },
    consul: { url: consul.url },
    vault: { url: vault.url, token: vault.token },
  };
  const petrel = await openDatabasePetrel(directory, addresses, namespaces);
  return {
    ...petrel,
    kubernetes,
    rds,
    consul,
    vault,
    async outside() {
      return {
        ...(await petrel.inside()),
        instances: rds.listInstances().map((one) => ({
          ...owned(one),
          instanceClass: one.instanceClass,
          storage: one.allocatedStorage,
        })),
        snapshots: rds.listSnapshots().map(owned),
        creations: rds.listCreations().map((one) => ({ ...owned(one), what: one.what })),
        consulKeys: consul.listKeys(),
        ...vaultOf(vault),
        logsIn({ namespace, name, instance }) {
          const secret = vault.readSecret(`databases/${namespace}/${name}`);
          return rds.hasPassword(instance ?? '', String(secret?.password)) && secret?.previous_password === undefined;
        },
      };
    },
    async close() {
      await petrel.close();
      await Promise.all([kubernetes.close(), rds.close(), consul.close(), vault.close()]);
    },
  };
}

/** Secrets that can be read, and policies. */
export function vaultOf(vault: VaultSandbox): Pick<Outside, 'vaultSecrets' | 'vaultPolicies'> {
  return {
    vaultSecrets: vault.listSecrets().filter((path) => vault.readSecret(path) !== undefined),
    vaultPolicies: vault.listPolicies(),
  };
}

function owned({ identifier, tags }: { identifier: string; tags: ReadonlyMap<string, string> }): Owned {
  return { id: identifier, uid: uidOf(tags.get('petrel.dev/owner')) };
}
