import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { PetrelError } from '../model/index.ts';

/** OWASP's advice for scrypt at 32 MB: some 150 ms on one core of a small machine. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;
/** More memory than any cost that we wrote needs. */
const MAX_MEMORY = 256 * 1024 * 1024;
export const SHORTEST_PASSWORD = 10;
/** More than anyone types; it bounds what is hashed. */
const LONGEST_PASSWORD = 1024;

/** How many are computed at a time (each takes 32 MB and a thread), and how many may wait. */
const AT_ONCE = 2;
const WAITING = 16;

export interface Passwords {
  /** `scrypt$N$r$p$salt$hash`: the parameters are kept, so that they can grow. Throws `PetrelError` (`invalid`): too short or long. */
  hash(password: string): Promise<string>;
  /** Without a hash (no such user) it takes as long and answers false. Throws `PetrelError` (`rate_limited`): too many at once. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

/** Passwords with scrypt; the work is bounded, whoever asks for it. */
export function createPasswords(cost: typeof COST = COST): Passwords {
  const turns = createTurns();

  const derive = (password: string, salt: Buffer, { N, r, p }: typeof COST): Promise<Buffer> =>
    turns(
      () =>
        new Promise((resolve, reject) => {
          scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N, r, p, maxmem: MAX_MEMORY }, (error, key) =>
            error === null ? resolve(key) : reject(error),
          );
        }),
    );

  const write = (salt: Buffer, key: Buffer): string =>
    ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$');

  return {
    async hash(password) {
      if (password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD) {
        throw new PetrelError(
          'invalid',
          `A password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters; this one has ${password.length}.`,
        );
      }
      const salt = randomBytes(16);
      return write(salt, await derive(password, salt, cost));
    },

    async verify(password, hash) {
      const stored = hash === undefined ? undefined : read(hash);
      const given = password.slice(0, LONGEST_PASSWORD);
      const key = await derive(given, stored?.salt ?? NOBODYS_SALT, stored?.cost ?? cost);
      return timingSafeEqual(key, stored?.key ?? Buffer.alloc(KEY_BYTES)) && stored !== undefined;
    },
  };
}

const NOBODYS_SALT = randomBytes(16);

function read(hash: string): { cost: typeof COST; salt: Buffer; key: Buffer } {
  const [scheme, N, r, p, salt = '', key = ''] = hash.split('$');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const bytes = Buffer.from(key, 'base64');
  if (scheme !== 'scrypt' || bytes.length !== KEY_BYTES) throw new Error('A stored password hash cannot be read.');
  return { cost, salt: Buffer.from(salt, 'base64'), key: bytes };
}

/** Runs a few at a time, lets some wait, and refuses the rest. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= AT_ONCE) {
      if (waiting.length >= WAITING) {
        throw new PetrelError('rate_limited', 'Too many people sign in at this moment; try again in a few seconds.', {
          details: { retryAfter: 5 },
        });
      }
      // Whoever ends hands the turn over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
