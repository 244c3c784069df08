import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { buildConnector } from 'undici';
import { messageOf, PetrelError } from '../model/index.ts';

/** Where actions may connect to: addresses, networks (`10.0.0.0/8`) or the words below. What is allowed wins over what is denied. */
export interface EgressSettings {
  readonly allow?: readonly string[];
  /** Besides `link-local` and `metadata`, which are always denied unless they are allowed. */
  readonly deny?: readonly string[];
}

/** The metadata services of clouds hand out credentials to whoever asks from the machine. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  metadata: ['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '168.63.129.16'],
  loopback: ['127.0.0.0/8', '0.0.0.0/8', '::1', '::'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
};
const ALWAYS = ['link-local', 'metadata'];

export interface Egress {
  /** Throws `PetrelError` (`forbidden`) for the host of an address when it is itself an address that must not be called. */
  checkHost(host: string): void;
  /**
   * Looks a name up and leaves out the addresses that must not be called: the connection is made to what this answers, so that a name
   * cannot be one thing when it is checked and another when it is used.
   */
  readonly lookup: LookupFunction;
  /** `connect` with both checks. */
  guard(connect: buildConnector.connector): buildConnector.connector;
}

/** Resolves names: `dns.lookup`, or something else in tests. */
export type Resolve = (
  host: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const system: Resolve = (host, callback) => dnsLookup(host, { all: true }, callback);

/** Throws `PetrelError` (`invalid`) for a setting that is neither an address nor a network nor a word. */
export function createEgress({ allow = [], deny = [] }: EgressSettings = {}, resolve: Resolve = system): Egress {
  const allowed = listOf(allow);
  const denied = listOf([...ALWAYS, ...deny]);

  const isDenied = (address: string): boolean => {
    const plain = withoutMapping(address);
    const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
    return denied.check(plain, family) && !allowed.check(plain, family);
  };
  const refusal = (host: string, address: string) =>
    new PetrelError(
      'forbidden',
      `${host === address ? address : `${host} (${address})`} must not be called from here. Where it is meant, start Petrel with --http-allow ${address}.`,
    );
  const checkHost = (host: string): void => {
    const address = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
    if (isIP(address) !== 0 && isDenied(address)) throw refusal(address, address);
  };

  const lookup: LookupFunction = (host, options, callback) => {
    resolve(host, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const wanted = found.filter(({ family }) => !options.family || options.family === family);
      const good = wanted.filter(({ address }) => !isDenied(address));
      const [first] = good;
      if (first === undefined) {
        const bad = wanted.find(({ address }) => isDenied(address))?.address;
        return callback(bad === undefined ? notFound(host) : refusal(host, bad), '', 0);
      }
      if (options.all === true) callback(null, [...good]);
      else callback(null, first.address, first.family);
    });
  };

  return {
    checkHost,
    lookup,
    // Addresses are not looked up, so they are checked here: also those that a redirect leads to.
    guard: (connect) => (options, callback) => {
      try {
        checkHost(options.hostname);
      } catch (error) {
        return callback(error instanceof Error ? error : new Error(messageOf(error)), null);
      }
      connect(options, callback);
    },
  };
}

function listOf(settings: readonly string[]): BlockList {
  const list = new BlockList();
  for (const setting of settings) {
    for (const network of Object.hasOwn(WORDS, setting) ? (WORDS[setting] ?? []) : [setting]) {
      const [address = '', bits] = network.split('/');
      const version = isIP(address);
      const widest = version === 6 ? 128 : 32;
      const prefix = bits === undefined ? widest : Number(bits);
      if (version === 0 || !/^\d*$/.test(bits ?? '') || bits === '' || prefix > widest) {
        throw new PetrelError(
          'invalid',
          `"${setting}" is neither an address nor a network (10.0.0.0/8) nor one of ${Object.keys(WORDS).join(', ')}.`,
        );
      }
      list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
    }
  }
  return list;
}

/** The IPv4 address that an IPv6 address stands for, mapped (::ffff:0:0/96) or translated (64:ff9b::/96); others as they are. */
function withoutMapping(address: string): string {
  if (isIP(address) !== 6) return address;
  const { hostname } = new URL(`http://[${address}]`);
  const [, high, low] = /^\[(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return address;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

function notFound(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
}
