import type { Found } from './delimiters.ts';

/** A text with expressions in it, cut into what is written and what is to be evaluated. */
export interface MixedText {
  /** Each expression once, in order, delimiters included. */
  readonly expressions: readonly string[];
  /** The text in order: literal text, or the index of an expression. */
  readonly pieces: readonly (string | number)[];
  /** Whether the text is one expression and nothing else: its value then keeps its type. */
  readonly isSingle: boolean;
}

export function cut(text: string, found: readonly Found[]): MixedText {
  const expressions: string[] = [];
  const pieces: (string | number)[] = [];
  let end = 0;
  for (const { text: expression, start } of found) {
    if (start > end) pieces.push(text.slice(end, start));
    let index = expressions.indexOf(expression);
    if (index < 0) index = expressions.push(expression) - 1;
    pieces.push(index);
    end = start + expression.length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return { expressions, pieces, isSingle: pieces.length === 1 && expressions.length === 1 };
}

/** The text with the values in their places. */
export function joined({ pieces }: MixedText, values: readonly string[]): string {
  let text = '';
  for (const piece of pieces) text += typeof piece === 'string' ? piece : (values[piece] ?? '');
  return text;
}

/** Python's `text.replace(what, by)`. */
export function replaced(text: string, what: string, by: string): string {
  return text.split(what).join(by);
}
