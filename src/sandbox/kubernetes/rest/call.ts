/** One request being answered, and what it asks for in its headers and query. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyTooLarge, readBody } from '../../http.ts';
import type { Api, WriteOptions } from '../api.ts';
import { badRequest, StatusError, unsupportedMediaType } from '../errors.ts';
import type { Identity } from '../identity.ts';
import { type Json, parseJson, parseYaml } from '../json.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';

export interface Call {
  readonly api: Api;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly who: Identity;
  readonly query: URLSearchParams;
  /** Messages for the `Warning` header, gathered while the request is carried out. */
  readonly warnings: string[];
}

export function contentType(call: Call): string {
  return (call.request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The body's bytes. Throws 413. */
export async function bodyBytes(call: Call): Promise<Buffer> {
  try {
    return await readBody(call.request);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw new StatusError(413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728');
  }
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const READABLE = ['application/json', 'application/yaml', PROTOBUF];

/** An object in JSON, YAML or protobuf. Throws 415 for other types, 400 for what cannot be read. An empty body is null. */
export async function readObject(call: Call): Promise<Json> {
  const type = contentType(call);
  const bytes = await bodyBytes(call);
  if (bytes.length === 0) return null;
  if (type === PROTOBUF) return decodeProtobuf(bytes);
  const text = bytes.toString('utf8');
  if (type !== '' && !READABLE.includes(type)) throw unsupportedMediaType(READABLE);
  return parseBody(text, type === 'application/yaml');
}

export function parseBody(text: string, yaml: boolean): Json {
  try {
    return yaml ? parseYaml(text) : parseJson(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(`error decoding the body: ${yaml ? 'yaml' : 'json'} parse error: ${why}`);
  }
}

/** Throws 400 for a value the parameter does not know. */
export function writeOptions(call: Call): WriteOptions {
  const { query } = call;
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.some((value) => value !== 'All')) {
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(dryRun.join(','))}: supported values: "All"`);
  }
  const validation = query.get('fieldValidation') ?? 'Warn';
  if (validation !== 'Ignore' && validation !== 'Warn' && validation !== 'Strict') {
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`,
    );
  }
  return {
    manager: query.get('fieldManager') || managerOf(call.request.headers['user-agent']),
    dryRun: dryRun.length > 0,
    fieldValidation: validation,
    warn: (message) => call.warnings.push(message),
  };
}

/** Without a name of its own a manager is called as its program: what stands before the slash of the user agent. */
function managerOf(agent: string | undefined): string {
  const name = (agent ?? '').split('/')[0]?.slice(0, 128) ?? '';
  return name === '' ? 'unknown' : name;
}

export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0';
}
