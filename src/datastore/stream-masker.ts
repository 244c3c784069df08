import type { Masker } from './datastore.ts';

/** Masks text that comes in pieces. Put together, the answers are what `mask` would have made of the whole text. */
export interface StreamMasker {
  /** Answers what can be shown by now: all but an end that may be the beginning of a secret. */
  push(chunk: string): string;
  /** Answers what was held back; the stream is over. */
  flush(): string;
}

export function createStreamMasker(masker: Masker): StreamMasker {
  let held = '';
  return {
    push(chunk) {
      const text = held + chunk;
      const settled = masker.settledLength(text);
      held = text.slice(settled);
      return masker.mask(text.slice(0, settled));
    },
    flush() {
      const rest = held;
      held = '';
      return masker.mask(rest);
    },
  };
}
