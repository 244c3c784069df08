import type { Arguments } from './arguments.ts';
import { typeError } from './errors.ts';

/**
 * How many arguments the methods of Python's built-in types take, and how they complain. CPython has several ways of reading
 * arguments, each with its own words:
 *
 * - a number or range (`1-3`): positions only;
 * - `=` before it: the older way, `count() takes at least 1 argument (0 given)`;
 * - names after `:`: may be given by name as well.
 */
const SIGNATURES: Readonly<Record<string, string>> = {
  str:
    'capitalize 0 casefold 0 center 1-2 count =1-3 endswith =1-3 expandtabs 0-1:tabsize find =1-3 index =1-3 isalnum 0 ' +
    'isalpha 0 isascii 0 isdecimal 0 isdigit 0 isidentifier 0 islower 0 isnumeric 0 isprintable 0 isspace 0 istitle 0 isupper 0 ' +
    'join 1 ljust 1-2 lower 0 lstrip 0-1 maketrans 1-3 partition 1 removeprefix 1 removesuffix 1 replace 2-3 rfind =1-3 ' +
    'rindex =1-3 rjust 1-2 rpartition 1 rsplit 0-2:sep,maxsplit rstrip 0-1 split 0-2:sep,maxsplit splitlines 0-1:keepends ' +
    'startswith =1-3 strip 0-1 swapcase 0 title 0 translate 1 upper 0 zfill 1 format_map 1',
  list: 'append 1 clear 0 copy 0 count 1 extend 1 index 1-3 insert 2 pop 0-1 remove 1 reverse 0',
  tuple: 'count 1 index 1-3',
  dict: 'clear 0 copy 0 fromkeys 1-2 get 1-2 items 0 keys 0 pop 1-2 popitem 0 setdefault 1-2 values 0',
  set: 'add 1 clear 0 copy 0 discard 1 isdisjoint 1 issubset 1 issuperset 1 pop 0 remove 1',
};

interface Signature {
  readonly min: number;
  readonly max: number;
  readonly older: boolean;
  readonly names: readonly string[];
}

const PARSED: ReadonlyMap<string, Signature> = new Map(
  Object.entries(SIGNATURES).flatMap(([type, text]) =>
    [...text.matchAll(/(\w+) (=?)(\d)(?:-(\d))?(?::(\S+))?/g)].map(
      ([, name, older, min, max = min, names]): [string, Signature] => [
        `${type}.${name}`,
        { min: Number(min), max: Number(max), older: older === '=', names: names?.split(',') ?? [] },
      ],
    ),
  ),
);

/** Throws TypeError in CPython's words when a method of a built-in type is called with arguments it does not take. */
export function checkArguments(type: string, name: string, given: Arguments): void {
  const signature = PARSED.get(`${type}.${name}`);
  if (signature === undefined) return;
  const { min, max, older, names } = signature;
  const count = given.positional.length;
  const full = `${type}.${name}()`;
  if (given.keywords !== undefined && given.keywords.size > 0) {
    if (names.length === 0) throw typeError(`${older ? `${name}()` : full} takes no keyword arguments`);
    for (const keyword of given.keywords.keys()) {
      if (!names.includes(keyword)) throw typeError(`'${keyword}' is an invalid keyword argument for ${name}()`);
    }
  }
  if (count >= min && count <= max) return;
  if (max === 0) throw typeError(`${full} takes no arguments (${count} given)`);
  if (min === 1 && max === 1) throw typeError(`${full} takes exactly one argument (${count} given)`);
  const bound = min === max ? '' : count < min ? 'at least ' : 'at most ';
  const limit = count < min ? min : max;
  const plural = limit === 1 ? '' : 's';
  if (older || names.length > 0) {
    throw typeError(`${name}() takes ${bound}${limit} argument${plural} (${count} given)`);
  }
  throw typeError(`${name} expected ${bound}${limit} argument${plural}, got ${count}`);
}
