import { join } from 'node:path';
import { onInterrupt } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';
import { startStandIns } from '../stand-ins.ts';

/** Runs the stand-ins until interrupted. */
export async function sandbox(options: GlobalOptions): Promise<void> {
  const directory = join(options.data, 'sandbox');
  const standIns = await startStandIns(directory);
  const { kubernetes, rds, consul, vault } = standIns.addresses;
  const addresses = {
    kubernetes: 'url' in kubernetes ? kubernetes.url : '',
    kubeconfig: standIns.kubeconfig,
    rds: rds.url,
    consul: consul.url,
    vault: vault.url,
    vault_token: vault.token,
    configs: join(directory, 'configs'),
  };
  await print(addresses, options, () =>
    [
      `Kubernetes  ${addresses.kubernetes}   (KUBECONFIG=${standIns.kubeconfig})`,
      `RDS         ${rds.url}`,
      `Consul      ${consul.url}`,
      `Vault       ${vault.url}   (token ${vault.token})`,
      '',
      'A server beside it, in another terminal:',
      `  petrel start --kubeconfig ${standIns.kubeconfig} --configs ${addresses.configs}`,
      '',
      'Everything is kept in memory and gone with Ctrl-C.',
    ].join('\n'),
  );
  onInterrupt(() => standIns.close());
}
