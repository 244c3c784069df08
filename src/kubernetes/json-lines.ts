import { PetrelError } from '../model/index.ts';

/** Longest line taken; etcd refuses objects far below this, so a longer one is no watch event. */
const LONGEST_LINE = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface JsonLines {
  /** The values of all lines that this chunk completes, in order. */
  push(chunk: Uint8Array): JsonLine[];
}

/** A value, or why the line was not JSON: what came before it in the same chunk is still good. */
export type JsonLine = { readonly value: unknown } | { readonly malformed: string };

/** Cuts a stream of bytes into JSON values, one per line. Blank lines are skipped; a cut-off last line never appears. */
export function createJsonLines(longest = LONGEST_LINE): JsonLines {
  let pending: Uint8Array[] = [];
  let pendingSize = 0;

  const take = (tail: Uint8Array): string => {
    const line = pending.length === 0 ? tail : Buffer.concat([...pending, tail]);
    pending = [];
    pendingSize = 0;
    return Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8');
  };

  return {
    push(chunk) {
      const lines: JsonLine[] = [];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        const text = take(chunk.subarray(start, end));
        start = end + 1;
        if (text.trim() !== '') lines.push(parse(text));
      }
      const rest = chunk.subarray(start);
      if (rest.length > 0) {
        pending.push(rest);
        pendingSize += rest.length;
      }
      if (pendingSize > longest) {
        throw new PetrelError(
          'kubernetes',
          `The Kubernetes API server sent a line of more than ${longest} bytes in a watch.`,
        );
      }
      return lines;
    },
  };
}

function parse(text: string): JsonLine {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { malformed: `a line that is not JSON (${text.length} characters)` };
  }
}
