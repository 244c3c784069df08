import { repr } from '../../expressions/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';

/** What does not fit, and where in the document. */
export interface Misfit {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

type Kind = 'object' | 'array' | 'string' | 'boolean';

interface Shape {
  readonly kinds: Readonly<Record<string, Kind>>;
  readonly required: readonly string[];
}

/** `rollback` and `compensate` are ours. */
const CHAIN: Shape = {
  kinds: { chain: 'array', default: 'string', vars: 'object', rollback: 'boolean' },
  required: ['chain'],
};

const COMPENSATE: Shape = { kinds: { action: 'string', input: 'object' }, required: ['action'] };

const TASK: Shape = {
  kinds: {
    name: 'string',
    ref: 'string',
    params: 'object',
    parameters: 'object',
    'on-success': 'string',
    'on-failure': 'string',
    publish: 'object',
    notify: 'object',
    compensate: 'object',
  },
  required: ['name', 'ref'],
};

const NOTIFY: Shape = {
  kinds: { 'on-complete': 'object', 'on-success': 'object', 'on-failure': 'object' },
  required: [],
};

/**
 * The first thing that StackStorm's schema of a chain refuses (action-chain.md, section 2), in the words of
 * python-jsonschema. Of the tasks only the first is held against the schema, as there: existing files rely on it.
 */
export function misfitOf(document: JsonObject): Misfit | undefined {
  const misfit = shapeMisfit(document, CHAIN, []);
  if (misfit !== undefined || !Array.isArray(document.chain) || document.chain.length === 0) return misfit;
  const first: Json = document.chain[0] ?? null;
  const path = ['chain', 0];
  if (!isJsonObject(first)) return { message: `${repr(first)} is not of type 'object'`, path };
  const inTask = shapeMisfit(first, TASK, path);
  if (inTask !== undefined || !isJsonObject(first.notify)) return inTask;
  return shapeMisfit(first.notify, NOTIFY, [...path, 'notify']);
}

export function compensateMisfit(compensate: Json, path: Misfit['path']): Misfit | undefined {
  if (!isJsonObject(compensate)) return { message: `${repr(compensate)} is not of type 'object'`, path };
  return shapeMisfit(compensate, COMPENSATE, path);
}

function shapeMisfit(document: JsonObject, shape: Shape, path: Misfit['path']): Misfit | undefined {
  const unknown = Object.keys(document).filter((key) => !Object.hasOwn(shape.kinds, key));
  const [firstUnknown] = unknown;
  if (firstUnknown !== undefined) {
    const names = `${unknown.map((key) => repr(key)).join(', ')} ${unknown.length === 1 ? 'was' : 'were'} unexpected`;
    return { message: `Additional properties are not allowed (${names})`, path: [...path, firstUnknown] };
  }
  const missing = shape.required.find((key) => document[key] === undefined);
  if (missing !== undefined) return { message: `${repr(missing)} is a required property`, path };
  for (const [key, value] of Object.entries(document)) {
    const kind = shape.kinds[key];
    // A property that need not be there may be null.
    if (kind === undefined || (value === null && !shape.required.includes(key)) || isOf(kind, value)) continue;
    return { message: `${repr(value)} is not of type '${kind}'`, path: [...path, key] };
  }
  return undefined;
}

function isOf(kind: Kind, value: Json | undefined): boolean {
  if (kind === 'array') return Array.isArray(value);
  if (kind === 'boolean') return typeof value === 'boolean';
  return kind === 'object' ? isJsonObject(value) : typeof value === 'string';
}
