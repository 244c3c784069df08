/** Protocol Buffers' wire format, reading side: a message is a run of numbered fields. */

export interface WireField {
  readonly number: number;
  /** A varint as a number, or the bytes of a length-delimited field. */
  readonly value: number | Buffer;
}

/** Throws a RangeError for bytes that are no message. */
export function* wireFields(bytes: Buffer): Generator<WireField> {
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[offset++];
      if (byte === undefined) throw new RangeError('the message ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return BigInt.asIntN(64, value);
    }
    throw new RangeError('a number is longer than 64 bits');
  };
  const take = (length: number): Buffer => {
    if (length < 0 || offset + length > bytes.length) throw new RangeError('the message ends within a field');
    const taken = bytes.subarray(offset, offset + length);
    offset += length;
    return taken;
  };
  while (offset < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0:
        yield { number, value: Number(varint()) };
        break;
      case 1:
        yield { number, value: take(8) };
        break;
      case 2:
        yield { number, value: take(Number(varint())) };
        break;
      case 5:
        yield { number, value: take(4) };
        break;
      default:
        throw new RangeError(`wire type ${tag & 7} is not used by Kubernetes`);
    }
  }
}
