import { createHash, randomBytes } from 'node:crypto';

/** 24 hex digits, as StackStorm's: 12 of milliseconds, 4 of a counter, 8 random. Text order is time order within a process. */
export type Id = string;

let lastMillisecond = 0;
let counter = 0;
let node = randomBytes(4).toString('hex');

/** Makes a new id. Ids made by one process sort in the order they were made. */
export function newId(): Id {
  const now = Date.now();
  if (now > lastMillisecond) {
    lastMillisecond = now;
    counter = 0;
    node = randomBytes(4).toString('hex');
  } else {
    counter += 1;
    // More than 65,536 ids in one millisecond, or a clock that went back: borrow from the next millisecond.
    if (counter > 0xffff) {
      lastMillisecond += 1;
      counter = 0;
    }
  }
  return lastMillisecond.toString(16).padStart(12, '0') + counter.toString(16).padStart(4, '0') + node;
}

/** The wall-clock milliseconds an id was made at. */
export function millisecondsOf(id: Id): number {
  return Number.parseInt(id.slice(0, 12), 16);
}

/** Reference-named things have no row of their own; their id is made of their uid, 24 hex digits as StackStorm's. */
export function idOf(uid: string): Id {
  return createHash('sha256').update(uid).digest('hex').slice(0, 24);
}
