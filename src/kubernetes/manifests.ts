import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { isJsonObject, type Json, messageOf, PetrelError } from '../model/index.ts';
import { at, type Cursor, itemsOf, rootOf } from './openapi/cursor.ts';

/**
 * The objects in a file of Kubernetes manifests, YAML or JSON: one or several documents, the items of a List as if each were a document.
 * `-` is standard input. Throws `invalid` for a file that cannot be read.
 */
export async function readManifests(file: string): Promise<readonly Cursor[]> {
  const name = file === '-' ? 'standard input' : file;
  let text: string;
  try {
    text = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new PetrelError('invalid', `${name} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
  return parseManifests(name, text);
}

/** As `readManifests`, of a text. */
export function parseManifests(file: string, text: string): readonly Cursor[] {
  const documents = [...parseAllDocuments(text, { logLevel: 'error' })];
  return documents.flatMap((document, index) => {
    const place = documents.length === 1 ? file : `${file}, document ${index + 1}`;
    const [mistake] = document.errors;
    if (mistake !== undefined) throw malformed(place, mistake);
    let value: Json;
    try {
      value = document.toJS() as Json; // the core schema of YAML is JSON's
    } catch (error) {
      throw malformed(place, error); // aliases of aliases without end
    }
    if (value === null) return []; // nothing between two separators
    const cursor = rootOf(place, value);
    if (!isJsonObject(value)) throw new PetrelError('invalid', `${place} is no Kubernetes object.`);
    return typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items)
      ? itemsOf(at(cursor, 'items'))
      : [cursor];
  });
}

function malformed(place: string, cause: unknown): PetrelError {
  return new PetrelError('invalid', `${place} is not YAML: ${messageOf(cause).trim()}`, { cause });
}
