/** Reads API descriptions: a file, a directory of swagger 1.2, a URL, or what a cluster says of itself. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { type Json, messageOf, PetrelError } from '../../model/index.ts';
import { type ApiDocument, convertDocuments, declarationPaths, dialectOf, mergeDocuments } from './convert.ts';
import { at, type Cursor, membersOf, requiredText, rootOf } from './cursor.ts';
import { isDeclaration } from './swagger-1.ts';

/** What of a Kubernetes client is needed to read a cluster's description. */
export interface DescriptionSource {
  readonly server: string;
  request(request: { readonly path: string; readonly timeout?: number }): Promise<unknown>;
}

/** A description of a whole cluster has a few megabytes. Milliseconds. */
const TIMEOUT = 60_000;

/** `from` is a file, a directory or an http(s) URL. Throws `invalid` for what is no API description, `unavailable` for a URL without an answer. */
export async function loadApiDocument(from: string): Promise<ApiDocument> {
  if (/^https?:\/\//i.test(from)) return convertDocuments(await readWithParts(await readUrl(from), urlParts(from)));
  const stats = await stat(from).catch((error: unknown) => {
    throw new PetrelError('invalid', `${from} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  if (stats.isDirectory()) return convertDocuments(await readDirectory(from));
  return convertDocuments(await readWithParts(await readDescription(from), (path) => siblingOf(from, path)));
}

/** `/openapi/v3`, each group and version; `/openapi/v2` from a cluster older than 1.24. */
export async function loadClusterDocument(client: DescriptionSource): Promise<ApiDocument> {
  const read = async (path: string): Promise<Cursor> => {
    const value = (await client.request({ path, timeout: TIMEOUT })) as Json; // the transport parses JSON
    return rootOf(`${client.server}${path}`, value);
  };
  let index: Cursor;
  try {
    index = await read('/openapi/v3');
  } catch (error) {
    if (!(error instanceof PetrelError) || error.code !== 'not_found') throw error;
    return convertDocuments([await read('/openapi/v2')]);
  }
  const documents: Cursor[] = [];
  for (const [name, entry] of membersOf(at(index, 'paths'))) {
    // The other paths (/, /version, /.well-known/...) describe no objects.
    if (/^apis?\//.test(name)) documents.push(await read(requiredText(at(entry, 'serverRelativeURL'))));
  }
  return mergeDocuments(`${client.server}/openapi/v3`, documents);
}

/** A listing of swagger 1.2 with the declarations it names; anything else alone. */
async function readWithParts(
  first: Cursor,
  find: (path: string) => Promise<Cursor | undefined>,
): Promise<readonly Cursor[]> {
  if (dialectOf(first) !== 'swagger 1.2' || isDeclaration(first)) return [first];
  const documents = [first];
  const missing: string[] = [];
  for (const path of declarationPaths(first)) {
    const part = await find(path);
    if (part === undefined) missing.push(path);
    else documents.push(part);
  }
  if (documents.length > 1 || missing.length === 0) return documents;
  throw new PetrelError(
    'invalid',
    `${first.file} is a swagger 1.2 resource listing, but no declaration it names is beside it: ${missing.join(', ')}. Put the declarations there, as v1.json for /api/v1, or give their directory.`,
  );
}

/** All that is swagger 1.2 in a directory, the listing first. */
async function readDirectory(directory: string): Promise<readonly Cursor[]> {
  const files = (await readdir(directory)).filter((name) => /\.(json|ya?ml)$/.test(name)).sort();
  const documents: Cursor[] = [];
  for (const file of files) documents.push(await readDescription(join(directory, file)));
  const other = documents.find((one) => dialectOf(one) !== 'swagger 1.2');
  if (other !== undefined) {
    throw new PetrelError(
      'invalid',
      `${other.file} is ${dialectOf(other)}. Only swagger 1.2 is spread over a directory; give this one file instead.`,
    );
  }
  const listings = documents.filter((one) => !isDeclaration(one));
  return [...listings.slice(0, 1), ...documents.filter(isDeclaration)];
}

/**
 * The file of a declaration beside its listing: `/pet` is pet.json; Kubernetes kept /api/v1 in v1.json and /apis/batch/v1 in
 * batch_v1.json. Undefined when there is none: a listing may name more than was saved.
 */
async function siblingOf(listing: string, path: string): Promise<Cursor | undefined> {
  const parts = path
    .replace(/\{format\}/g, 'json')
    .split('/')
    .filter((part) => part !== '' && part !== '..');
  const short = parts[0] === 'apis' || parts[0] === 'api' ? parts.slice(1) : parts;
  const names = [parts.join('/'), parts.join('_'), short.join('_'), short.join('-')].filter((name) => name !== '');
  for (const name of new Set(names.flatMap((one) => [`${one}.json`, one, `${one}.yaml`]))) {
    const file = join(dirname(listing), name);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() === true && file !== listing) return readDescription(file);
  }
  return undefined;
}

/** Declarations lie below their listing: /api-docs and /api-docs/pet; Kubernetes had /swaggerapi/ and /swaggerapi/api/v1. */
function urlParts(listing: string): (path: string) => Promise<Cursor | undefined> {
  return (path) => {
    const url = new URL(listing);
    const base = url.pathname.replace(/\/+$/, '');
    url.pathname = `${base}/${path.replace(/\{format\}/g, 'json').replace(/^\/+/, '')}`;
    return readUrl(path.startsWith('http') ? path : url.href);
  };
}

async function readUrl(url: string): Promise<Cursor> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT), headers: { accept: 'application/json, */*' } });
  } catch (error) {
    throw new PetrelError('unavailable', `${url} did not answer: ${messageOf(error)}. Check the address.`, {
      cause: error,
    });
  }
  if (!response.ok) {
    throw new PetrelError(
      'invalid',
      `${url} answered with ${response.status} ${response.statusText}. Check the address.`,
    );
  }
  return rootOf(url, parseText(url, await response.text()));
}

async function readDescription(file: string): Promise<Cursor> {
  const text = await readFile(file, 'utf8');
  return rootOf(file, parseText(file, text));
}

/** JSON, or YAML. What begins as JSON is complained about as JSON. */
function parseText(file: string, text: string): Json {
  let asJson: unknown;
  try {
    return JSON.parse(text) as Json; // JSON.parse answers JSON
  } catch (error) {
    asJson = error;
  }
  try {
    return parse(text, { logLevel: 'error' }) as Json; // the core schema of YAML is JSON's
  } catch (error) {
    const json = /^\s*[{[]/.test(text);
    const cause = json ? asJson : error;
    throw new PetrelError('invalid', `${file} is not ${json ? 'JSON' : 'YAML'}: ${messageOf(cause).trim()}`, { cause });
  }
}
