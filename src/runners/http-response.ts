import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { PetrelError } from '../model/index.ts';
import { mediaType } from './http-parameters.ts';

/** A larger response is refused, decompressed size counting: 10 MB. */
export const RESPONSE_LIMIT = 10 * 1024 * 1024;

/**
 * Headers as the server wrote them, values of equal names joined (as Python's requests shows them). `raw` holds names and
 * values in turn.
 */
export function responseHeaders(raw: readonly (string | Buffer)[]): Record<string, string> {
  const headers = new Map<string, { name: string; values: string[] }>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = String(raw[index]);
    const value = String(raw[index + 1]);
    const present = headers.get(name.toLowerCase());
    if (present === undefined) headers.set(name.toLowerCase(), { name, values: [value] });
    else present.values.push(value);
  }
  return Object.fromEntries([...headers.values()].map(({ name, values }) => [name, values.join(', ')]));
}

/** Reads a body to its end, decompressed. Throws `PetrelError` (`invalid`) when it is larger than the limit. */
export async function readBody(body: Readable, encoding: string | undefined): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  const stream = decompressed(body, encoding);
  // Leaving the loop by an exception destroys the streams, and with them the connection.
  for await (const piece of stream as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > RESPONSE_LIMIT) {
      body.destroy();
      throw new PetrelError(
        'invalid',
        `The response is larger than ${RESPONSE_LIMIT} bytes, which is the most that is kept.`,
      );
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function decompressed(body: Readable, encoding: string | undefined): Readable {
  const decoder = decoderOf(encoding?.trim().toLowerCase());
  if (decoder === undefined) return body;
  // An error on the way in must end the reader, which only listens to the decoder.
  body.on('error', (error) => decoder.destroy(error));
  return body.pipe(decoder);
}

function decoderOf(encoding: string | undefined) {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  return undefined;
}

/** The text by the declared character set; without one UTF-8, and Latin-1 (HTTP's old default) where it is not valid. */
export function decodeText(bytes: Buffer, contentType: string | undefined): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1];
  if (charset !== undefined) {
    try {
      return new TextDecoder(charset).decode(bytes);
    } catch {
      // An unknown name: treated as if none was declared.
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

export function isJsonResponse(contentType: string | undefined): boolean {
  return mediaType(contentType) === 'application/json';
}
