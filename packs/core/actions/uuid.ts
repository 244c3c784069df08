import { randomBytes, randomUUID } from 'node:crypto';
import { defineAction, z } from 'petrel/sdk';

export default defineAction({
  description: 'Makes a unique id.',
  input: z.object({
    uuid_type: z
      .enum(['uuid1', 'uuid4'])
      .default('uuid4')
      .describe('uuid4 is random, uuid1 holds the time it was made.'),
  }),
  output: z.string(),
  async run({ input }) {
    return input.uuid_type === 'uuid1' ? timeBased(Date.now()) : randomUUID();
  },
});

/** 100-nanosecond steps from the start of the Gregorian calendar, where version 1 counts from, to 1970. */
const GREGORIAN_OFFSET = 122_192_928_000_000_000n;

/** RFC 4122 version 1, with a random node instead of a network address (section 4.5 asks for its multicast bit then). */
function timeBased(milliseconds: number): string {
  const time = (BigInt(milliseconds) * 10_000n + GREGORIAN_OFFSET).toString(16).padStart(15, '0');
  const sequence = (0x8000 | (randomBytes(2).readUInt16BE() & 0x3fff)).toString(16);
  const node = randomBytes(6);
  node.writeUInt8(node.readUInt8(0) | 1, 0);
  return `${time.slice(7)}-${time.slice(3, 7)}-1${time.slice(0, 3)}-${sequence}-${node.toString('hex')}`;
}
