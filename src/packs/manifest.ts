import { basename } from 'node:path';
import type { JsonObject, PackManifest } from '../model/index.ts';
import { checkMapping, type Fields, textOf } from './shape.ts';
import type { Source } from './source.ts';

const REFERENCE = /^[a-z0-9_]+$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

const FIELDS: Fields = {
  name: { kind: 'text', required: true },
  description: { kind: 'text', required: true },
  author: { kind: 'text', required: true },
  ref: { kind: 'text' },
  email: { kind: 'text' },
  keywords: { kind: 'list', items: { kind: 'text' } },
  contributors: { kind: 'list', items: { kind: 'text' } },
  dependencies: { kind: 'list', items: { kind: 'text' } },
  python_versions: { kind: 'list' },
  stackstorm_version: { kind: 'text' },
  system: { kind: 'mapping' },
};

/**
 * Reads pack.yaml (stackstorm-packs.md, section 1.1). The reference is `ref`, else the folder's name where it fits the
 * pattern, else `name`; a version of two parts gets a third. Other keys are allowed, as StackStorm keeps them too.
 */
export function readManifest(source: Source, directory: string): PackManifest | undefined {
  const fields = checkMapping(source, [], source.value, FIELDS, { what: 'a pack', open: true });
  if (fields === undefined) return undefined;
  const ref = readReference(source, fields, directory);
  const version = readVersion(source, fields);
  const name = textOf(fields, 'name');
  const description = textOf(fields, 'description');
  const author = textOf(fields, 'author');
  if (
    ref === undefined ||
    version === undefined ||
    name === undefined ||
    description === undefined ||
    author === undefined
  ) {
    return undefined;
  }
  const email = textOf(fields, 'email');
  const { keywords } = fields;
  return {
    ref,
    name,
    description,
    version,
    author,
    ...(email === undefined ? {} : { email }),
    ...(Array.isArray(keywords) ? { keywords: keywords.map(String) } : {}),
    path: directory,
  };
}

function readReference(source: Source, fields: JsonObject, directory: string): string | undefined {
  const given = textOf(fields, 'ref');
  if (given !== undefined) {
    if (given === '_global') {
      source.error(['ref'], 'The pack reference "_global" is reserved; choose another.');
      return undefined;
    }
    if (REFERENCE.test(given)) return given;
    source.error(['ref'], `The pack reference "${given}" may only hold lower case letters, digits and underscores.`);
    return undefined;
  }
  for (const candidate of [basename(directory), textOf(fields, 'name')]) {
    if (candidate !== undefined && candidate !== '_global' && REFERENCE.test(candidate)) return candidate;
  }
  source.error(
    [],
    'This pack needs a "ref" of lower case letters, digits and underscores; neither its folder nor its name is one.',
  );
  return undefined;
}

function readVersion(source: Source, fields: JsonObject): string | undefined {
  if (fields.version === undefined || fields.version === null) {
    source.error([], 'The key "version" is missing; a pack needs one, such as "1.0.0".');
    return undefined;
  }
  // As written, because 1.10 as a number is 1.1.
  const written = source.written(['version']) ?? String(fields.version);
  const version = /^\d+\.\d+$/.test(written) ? `${written}.0` : written;
  if (VERSION.test(version)) return version;
  source.error(['version'], `The version "${written}" must have three numbers, such as "1.0.0".`);
  return undefined;
}
