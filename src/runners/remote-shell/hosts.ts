import { PetrelError } from '../../model/index.ts';

/** One of the machines a remote action runs on. */
export interface RemoteHost {
  readonly name: string;
  readonly port: number;
  /** Its key in the result: the name, as StackStorm; with the port where two hosts share a name. */
  readonly label: string;
}

export const SSH_PORT = 22;

/**
 * The hosts of a comma separated list, each once: `web1, web2:2222, [2001:db8::1]:22`. Throws `PetrelError` (`invalid`) when it names
 * none, or has a port that is none.
 */
export function parseHosts(text: string, defaultPort: number): readonly RemoteHost[] {
  const parsed = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => parseHost(item, defaultPort));
  const distinct = [...new Map(parsed.map((host) => [`${host.name}|${host.port}`, host])).values()];
  if (distinct.length === 0) {
    throw new PetrelError('invalid', 'Parameter "hosts" names no host: give one or several, with commas between them.');
  }
  return distinct.map(({ name, port }) => {
    const isShared = distinct.some((other) => other.name === name && other.port !== port);
    return { name, port, label: isShared ? `${name}:${port}` : name };
  });
}

/** `host`, `host:port`, `[address]:port`, or a bare IPv6 address. */
export function parseHost(text: string, defaultPort: number): { readonly name: string; readonly port: number } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const plain = /^([^:\s]+)(?::(\d+))?$/.exec(text);
  const isAddress = /^[0-9A-Fa-f:.]+$/.test(text) && text.split(':').length > 2;
  const [, name, port] = bracketed ?? plain ?? (isAddress ? ['', text, undefined] : []);
  // What starts with a dash would be an option to programs that it is handed on to.
  if (name === undefined || name.startsWith('-')) {
    throw new PetrelError('invalid', `"${text}" is no host. Write a name or an address, with a port as in web1:2222.`);
  }
  const number = port === undefined ? defaultPort : Number(port);
  if (!(Number.isInteger(number) && number >= 1 && number <= 65_535)) {
    throw new PetrelError('invalid', `The port of the host "${text}" is not between 1 and 65535.`);
  }
  return { name, port: number };
}
