/** What is kept in memory of each object whose state was handled; everything else is in the store. */
export interface Entry {
  readonly uid: string;
  readonly resourceVersion: string;
  /** metadata.generation, or a fingerprint where the kind has none. */
  readonly generation: number;
  readonly deleting: boolean;
}

/** An entry as one text, a third of the size of the entry itself: there may be a hundred thousand. */
export type PackedEntry = string;

/** What a UUID's entry may hold beside it; the versions of etcd are numbers. */
const PLAIN = /^[\x21-\x7e]*$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A uid is nearly always a UUID, whose 16 bytes make 16 letters of Latin-1, a byte each in V8. */
export function pack({ uid, resourceVersion, generation, deleting }: Entry): PackedEntry {
  const rest = `${generation.toString(36)} ${resourceVersion}`;
  if (!UUID.test(uid) || !PLAIN.test(resourceVersion)) return flat(`${deleting ? 'D' : 'd'}${rest} ${uid}`);
  const bytes = Buffer.from(uid.replaceAll('-', ''), 'hex').toString('latin1');
  return Buffer.from(`${deleting ? 'U' : 'u'}${bytes}${rest}`, 'latin1').toString('latin1');
}

export function unpack(packed: PackedEntry): Entry {
  const kind = packed[0];
  const hasUuid = kind === 'U' || kind === 'u';
  const [generation = '', resourceVersion = '', ...uid] = packed.slice(hasUuid ? 17 : 1).split(' ');
  return {
    uid: hasUuid ? uuidOf(packed.slice(1, 17)) : uid.join(' '),
    resourceVersion,
    generation: Number.parseInt(generation, 36),
    deleting: kind === 'U' || kind === 'D',
  };
}

/** V8 keeps a text that was put together as its parts; a copy lets them go. */
export function flat(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function uuidOf(bytes: string): string {
  const hex = Buffer.from(bytes, 'latin1').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
