import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut. */
const LONGEST = 8_000;
/** More lines than this in ten seconds are left out: a process that prints without end must not fill the log. */
const MOST = 500;
const PERIOD = 10_000;

/** Hands over what a process prints, line by line, as much of it as anybody reads. */
export function logLines(stream: Readable, line: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let begun = '';
  let [since, count, leftOut] = [Date.now(), 0, 0];
  const pass = (text: string) => {
    if (Date.now() - since > PERIOD) {
      if (leftOut > 0) line(`[${leftOut} lines left out]`);
      [since, count, leftOut] = [Date.now(), 0, 0];
    }
    count += 1;
    if (count <= MOST) line(text.length > LONGEST ? `${text.slice(0, LONGEST)} [cut]` : text);
    else leftOut += 1;
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = `${begun}${decoder.write(chunk)}`.split('\n');
    // What comes after the bound is not kept: a line may have no end.
    begun = (lines.pop() ?? '').slice(0, LONGEST + 1);
    for (const text of lines) pass(text);
  });
  stream.on('error', () => undefined);
  stream.on('end', () => {
    if (begun !== '') pass(begun);
    if (leftOut > 0) line(`[${leftOut} lines left out]`);
  });
}
