const isLetter = (char: string): boolean => /\p{L}/u.test(char);
const isDigit = (char: string): boolean => /[0-9]/.test(char);
const isSpace = (char: string): boolean => /\s/.test(char);

/**
 * Cuts a date's text as dateutil does: words, numbers with at most one decimal point (or comma, after two digits), single
 * blanks for white space, and every other character for itself.
 */
export function dateTokens(text: string): string[] {
  const chars = Array.from(text.replaceAll('\0', ''));
  const tokens: string[] = [];
  let n = 0;
  while (n < chars.length) {
    const first = chars[n] ?? '';
    n += 1;
    if (isSpace(first)) {
      tokens.push(' ');
      continue;
    }
    if (!isLetter(first) && !isDigit(first)) {
      tokens.push(first);
      continue;
    }
    const run = new Run(first);
    while (n < chars.length && run.take(chars[n] ?? '')) n += 1;
    tokens.push(...run.tokens());
  }
  return tokens;
}

/** A word or number while it is read; a dot may turn one into the other. */
class Run {
  #text: string;
  #state: 'word' | 'number' | 'dotted word' | 'dotted number';
  #letters: boolean;

  constructor(first: string) {
    this.#text = first;
    this.#letters = isLetter(first);
    this.#state = this.#letters ? 'word' : 'number';
  }

  /** Whether `char` belongs to it. */
  take(char: string): boolean {
    const dotted = this.#text.endsWith('.');
    switch (this.#state) {
      case 'word':
        if (char === '.') this.#state = 'dotted word';
        else if (!isLetter(char)) return false;
        break;
      case 'number':
        if (char === '.' || (char === ',' && this.#text.length >= 2)) this.#state = 'dotted number';
        else if (!isDigit(char)) return false;
        break;
      case 'dotted word':
        this.#letters = true;
        if (isDigit(char) && dotted) this.#state = 'dotted number';
        else if (char !== '.' && !isLetter(char)) return false;
        break;
      case 'dotted number':
        if (isLetter(char) && dotted) this.#state = 'dotted word';
        else if (char !== '.' && !isDigit(char)) return false;
        break;
    }
    this.#text += char;
    return true;
  }

  tokens(): string[] {
    const text = this.#text;
    const dots = text.split('.').length - 1;
    const dotted = this.#state === 'dotted word' || this.#state === 'dotted number';
    if (dotted && (this.#letters || this.#state === 'dotted word' || dots > 1 || /[.,]$/.test(text))) {
      return text.split(/([.,])/).filter((part) => part !== '');
    }
    return [this.#state === 'dotted number' && dots === 0 ? text.replaceAll(',', '.') : text];
  }
}
