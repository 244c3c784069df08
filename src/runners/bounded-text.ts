import { StringDecoder } from 'node:string_decoder';

/** How much of one stream is kept for a result, and streamed as output: 10 MB. */
export const OUTPUT_LIMIT = 10 * 1024 * 1024;

/**
 * Turns a stream's chunks into text, a character cut in two by a chunk border included, and keeps at most `limit` bytes of
 * it. What comes after the limit is dropped: a child that prints without end is read, so that it does not block, but
 * costs no memory.
 */
export class BoundedText {
  readonly #decoder = new StringDecoder('utf8');
  readonly #limit: number;
  readonly #pieces: string[] = [];
  #bytes = 0;
  #cut = false;

  constructor(limit: number = OUTPUT_LIMIT) {
    this.#limit = limit;
  }

  /** Answers the text to pass on: empty when the limit has been reached or no character is complete yet. */
  add(chunk: Buffer): string {
    if (this.#cut) return '';
    const room = this.#limit - this.#bytes;
    if (chunk.length <= room) {
      this.#bytes += chunk.length;
      return this.#keep(this.#decoder.write(chunk));
    }
    this.#cut = true;
    const last = this.#decoder.write(chunk.subarray(0, room));
    return this.#keep(`${last}\n[output cut: only the first ${this.#limit} bytes are kept]\n`);
  }

  /** Answers what was left of an incomplete character. */
  end(): string {
    return this.#cut ? '' : this.#keep(this.#decoder.end());
  }

  get text(): string {
    return this.#pieces.join('');
  }

  #keep(piece: string): string {
    if (piece !== '') this.#pieces.push(piece);
    return piece;
  }
}
