import { isDigit } from './escapes.ts';
import type { Node } from './syntax.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Python's MAXREPEAT: a larger count is refused. */
const MAX_REPEAT = 4294967295;

/** Applies the quantifier that `token` begins to the last node of `sequence`; a brace that begins none is a character. */
export function parseQuantifier(source: Tokenizer, token: string, sequence: Node[]): void {
  const here = source.tell();
  const bounds = boundsOf(source, token, here);
  if (bounds === undefined) {
    sequence.push({ kind: 'char', code: 0x7b });
    return;
  }
  const item = sequence.at(-1);
  const offset = source.tell() - here + token.length;
  if (item === undefined || item.kind === 'at') throw source.error('nothing to repeat', offset);
  if (item.kind === 'repeat') throw source.error('multiple repeat', offset);
  const mode = source.match('?') ? 'lazy' : source.match('+') ? 'possessive' : 'greedy';
  sequence[sequence.length - 1] = { kind: 'repeat', ...bounds, mode, body: [item] };
}

function boundsOf(source: Tokenizer, token: string, here: number): { min: number; max: number } | undefined {
  switch (token) {
    case '?':
      return { min: 0, max: 1 };
    case '*':
      return { min: 0, max: Number.POSITIVE_INFINITY };
    case '+':
      return { min: 1, max: Number.POSITIVE_INFINITY };
    default:
      break;
  }
  if (source.next === '}') return undefined;
  const low = source.getWhile(Number.POSITIVE_INFINITY, isDigit);
  const high = source.match(',') ? source.getWhile(Number.POSITIVE_INFINITY, isDigit) : low;
  if (!source.match('}')) {
    source.seek(here);
    return undefined;
  }
  const min = low === '' ? 0 : Number.parseInt(low, 10);
  const max = high === '' ? Number.POSITIVE_INFINITY : Number.parseInt(high, 10);
  if (min >= MAX_REPEAT || (high !== '' && max >= MAX_REPEAT)) {
    throw source.error('the repetition number is too large', source.tell() - here);
  }
  if (max < min) throw source.error('min repeat greater than max repeat', source.tell() - here);
  return { min, max };
}
