/**
 * A certificate for 127.0.0.1 that is its own authority, made anew at every start unless one is kept, and client certificates signed by it. kubectl never sends a token without TLS, so the sandbox speaks TLS beside plain
 * HTTP; Node has no call that makes certificates, so the few DER structures of RFC 5280 are written here.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

/** A self-signed P-256 certificate for localhost, 127.0.0.1 and ::1, valid from a day before `now` for ten years. */
export function selfSignedCertificate(now: number): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { certificate: certificateOf(publicKey, ISSUER, serverExtensions(), privateKey, now), key: pemOf(privateKey) };
}

/** A client certificate: its common name is the user, its organisations are the groups. */
export function clientCertificate(
  authority: Certificate,
  user: string,
  groups: readonly string[],
  now: number,
): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = [...groups.map((group) => ['2.5.4.10', group] as const), ['2.5.4.3', user] as const];
  const signer = createPrivateKey(authority.key);
  return { certificate: certificateOf(publicKey, subject, clientExtensions(), signer, now), key: pemOf(privateKey) };
}

type Name = readonly (readonly [oid: string, value: string])[];

const ISSUER: Name = [['2.5.4.3', 'petrel-sandbox']];

function nameOf(parts: Name): Buffer {
  return sequence(...parts.map(([id, value]) => set(sequence(oid(id), tagged(0x0c, Buffer.from(value))))));
}

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function certificateOf(
  subjectKey: KeyObject,
  subject: Name,
  extensions: readonly Buffer[],
  signer: KeyObject,
  now: number,
): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const content = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    nameOf(ISSUER),
    sequence(utcTime(now - DAY), utcTime(now + 3650 * DAY)),
    nameOf(subject),
    subjectKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const signature = sign('sha256', content, signer);
  const der = sequence(content, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const DAY = 86_400_000;

const extension = (id: string, critical: boolean, value: Buffer) =>
  sequence(oid(id), ...(critical ? [tagged(0x01, Buffer.from([0xff]))] : []), tagged(0x04, value));

function serverExtensions(): Buffer[] {
  const names = sequence(
    tagged(0x82, Buffer.from('localhost')),
    tagged(0x87, Buffer.from([127, 0, 0, 1])),
    tagged(0x87, Buffer.from([...new Uint8Array(15), 1])),
  );
  return [
    extension('2.5.29.19', true, sequence(tagged(0x01, Buffer.from([0xff])))),
    // digitalSignature and keyCertSign: the certificate is its own authority.
    extension('2.5.29.15', true, tagged(0x03, Buffer.from([2, 0x84]))),
    // serverAuth, and clientAuth since it is also the authority of client certificates.
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.17', false, names),
  ];
}

function clientExtensions(): Buffer[] {
  return [
    extension('2.5.29.15', true, tagged(0x03, Buffer.from([7, 0x80]))),
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.2'))),
  ];
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts));
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const explicit = (tag: number, content: Buffer): Buffer => tagged(0xa0 + tag, content);

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tagged(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

/** YYMMDDHHMMSSZ; RFC 5280 wants it up to 2049, and GeneralizedTime from 2050 on. */
function utcTime(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, '').slice(0, 14);
  return digits < '2050' ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`)) : tagged(0x18, Buffer.from(`${digits}Z`));
}
