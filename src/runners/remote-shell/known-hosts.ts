import { createHmac } from 'node:crypto';

/** A line of a known_hosts file (sshd(8)). */
export interface KnownHost {
  readonly revoked: boolean;
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** The public key's bytes in base64. */
  readonly key: string;
  matches(name: string): boolean;
}

/** Lines that say nothing, and certificate authorities, are left out: certificates of hosts are not supported. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line): KnownHost[] => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [names, type, key] = words;
    if (names === undefined || type === undefined || key === undefined || names.startsWith('#')) return [];
    if (marker === '@cert-authority') return [];
    return [{ revoked: marker === '@revoked', type, key, matches: matcher(names) }];
  });
}

/** How known_hosts writes a host: the port only where it is not 22. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

function matcher(names: string): (name: string) => boolean {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(names);
  if (hashed !== null) {
    const [, salt = '', hash = ''] = hashed;
    return (name) => createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const patterns = names.split(',').map((pattern) => {
    const isNegated = pattern.startsWith('!');
    const body = (isNegated ? pattern.slice(1) : pattern).toLowerCase();
    const source = body
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return { isNegated, expression: new RegExp(`^${source}$`) };
  });
  return (name) => {
    const fitting = patterns.filter(({ expression }) => expression.test(name));
    return fitting.length > 0 && fitting.every(({ isNegated }) => !isNegated);
  };
}
