import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf, PetrelError } from '../../model/index.ts';
import type { Datastore } from '../../sdk/index.ts';
import { type KnownHost, knownName, parseKnownHosts } from './known-hosts.ts';

/**
 * Whose host key is believed:
 *
 * - `first-use` (default): the first key a host shows is kept in the datastore, and no other one is taken from then on.
 * - `known-hosts`: only what stands in the known_hosts file.
 * - `any`: every key, as StackStorm. Whoever can answer in a host's place is then handed the password and the script.
 */
export const HOST_KEY_POLICIES = ['first-use', 'known-hosts', 'any'] as const;
export type HostKeyPolicy = (typeof HOST_KEY_POLICIES)[number];

export interface HostKeySettings {
  readonly hostKeys?: HostKeyPolicy;
  /** Default `~/.ssh/known_hosts`. */
  readonly knownHostsFile?: string;
}

/** What is expected of one host. */
export interface HostKeyCheck {
  /** The kinds of key that are known of it, so that it is asked for one of these; empty: whatever it prefers. */
  readonly types: readonly string[];
  /** Answers why the key is not believed; undefined when it is. May store it. */
  problem(key: Buffer): Promise<string | undefined>;
}

/** Throws `PetrelError` (`unavailable`) when the known_hosts file cannot be read. */
export async function hostKeyCheck(
  host: { readonly name: string; readonly port: number },
  settings: HostKeySettings,
  datastore: Datastore,
): Promise<HostKeyCheck> {
  const name = knownName(host.name, host.port);
  switch (settings.hostKeys ?? 'first-use') {
    case 'any':
      return { types: [], problem: async () => undefined };
    case 'known-hosts':
      return fromFile(name, settings.knownHostsFile ?? join(homedir(), '.ssh', 'known_hosts'));
    case 'first-use':
      return firstUse(name, datastore);
  }
}

async function firstUse(name: string, datastore: Datastore): Promise<HostKeyCheck> {
  const entry = `ssh.host_key.${name}`;
  const [type] = (await datastore.get(entry))?.split(' ') ?? [];
  return {
    types: type === undefined ? [] : [type],
    async problem(key) {
      const shown = `${typeOf(key)} ${fingerprint(key)}`;
      // Read again: another action may have met the host meanwhile.
      const known = await datastore.get(entry);
      if (known === undefined) await datastore.set(entry, shown);
      if (known === undefined || known === shown) return undefined;
      return `The host ${name} shows the key ${shown}, but it was known by ${known}. Either it was set up anew, or somebody answers in its place. If its new key is right, remove the old one: petrel key delete '${entry}'`;
    },
  };
}

async function fromFile(name: string, file: string): Promise<HostKeyCheck> {
  let known: readonly KnownHost[];
  try {
    known = parseKnownHosts(await readFile(file, 'utf8')).filter((line) => line.matches(name));
  } catch (error) {
    throw new PetrelError('unavailable', `The file of known hosts ${file} cannot be read: ${messageOf(error)}`);
  }
  const good = known.filter(({ revoked }) => !revoked);
  return {
    types: [...new Set(good.map(({ type }) => type))],
    async problem(key) {
      const shown = `${typeOf(key)} ${fingerprint(key)}`;
      const same = known.filter((line) => line.key === key.toString('base64'));
      if (same.some(({ revoked }) => revoked)) return `The key ${shown} of the host ${name} is revoked in ${file}.`;
      if (same.length > 0) return undefined;
      const expected = good.length === 0 ? 'that file does not know the host' : 'that file knows it by another key';
      return `The host ${name} shows the key ${shown}, which is not in ${file}: ${expected}.`;
    },
  };
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The first field of a public key names its kind. */
function typeOf(key: Buffer): string {
  return key.length < 4 ? '' : key.toString('utf8', 4, 4 + key.readUInt32BE(0));
}
