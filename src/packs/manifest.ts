import { basename } from 'node:path';
import { isJsonObject, type Json, type JsonObject, type PackManifest } from '../model/index.ts';
import { checkMapping, describe, type Fields, textOf } from './shape.ts';
import { gentle, type Source } from './source.ts';
import { stackstormProblem } from './stackstorm-version.ts';

const REFERENCE = /^[a-z0-9_]+$/;
/** Of old, StackStorm took dashes too, and packs of that time refer to themselves by such names. */
const FORMER_REFERENCE = /^[a-z0-9_-]+$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** What may be missing or wrong without any harm but to who wants to know. */
const FIELDS: Fields = {
  name: { kind: 'text' },
  description: { kind: 'text' },
  author: { kind: 'text' },
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
 * pattern, else `name`; a version of two parts gets a third. Other keys are allowed, as StackStorm keeps them too. Only a pack that cannot
 * be referred to is refused: what else is wrong here takes nothing away from its actions, so it is warned of.
 */
export function readManifest(source: Source, directory: string): PackManifest | undefined {
  if (!isJsonObject(source.value)) {
    source.error([], `Expected a pack (a mapping of keys to values), but found ${describe(source.value)}.`);
    return undefined;
  }
  const fields = checkMapping(gentle(source), [], source.value, FIELDS, { what: 'a pack', open: true }) ?? {};
  const ref = readReference(source, source.value, directory);
  if (ref === undefined) return undefined;
  for (const key of ['name', 'description', 'author'] as const) {
    if (textOf(fields, key) === undefined) source.warning([], `The key "${key}" is missing; a pack should have it.`);
  }
  checkVersions(source, fields);
  const email = textOf(fields, 'email');
  return {
    ref,
    name: textOf(fields, 'name') ?? ref,
    description: textOf(fields, 'description') ?? '',
    version: readVersion(source, source.value),
    author: textOf(fields, 'author') ?? '',
    ...(email === undefined ? {} : { email }),
    ...(Array.isArray(fields.keywords) ? { keywords: texts(fields.keywords) } : {}),
    ...(Array.isArray(fields.contributors) ? { contributors: texts(fields.contributors) } : {}),
    ...(Array.isArray(fields.dependencies) ? { dependencies: texts(fields.dependencies) } : {}),
    path: directory,
  };
}

function texts(list: readonly Json[]): readonly string[] {
  return list.map(String);
}

function readReference(source: Source, fields: JsonObject, directory: string): string | undefined {
  const given = textOf(fields, 'ref');
  if (given !== undefined) return checkedReference(source, given, ['ref']);
  const name = textOf(fields, 'name');
  for (const candidate of [basename(directory), name]) {
    if (candidate !== undefined && candidate !== '_global' && REFERENCE.test(candidate)) return candidate;
  }
  if (name !== undefined && FORMER_REFERENCE.test(name)) return checkedReference(source, name, ['name']);
  source.error(
    [],
    'This pack needs a "ref" of lower case letters, digits and underscores; neither its folder nor its name is one.',
  );
  return undefined;
}

function checkedReference(source: Source, ref: string, path: readonly string[]): string | undefined {
  if (ref === '_global') {
    source.error(path, 'The pack reference "_global" is reserved; choose another.');
    return undefined;
  }
  if (REFERENCE.test(ref)) return ref;
  const message = `The pack reference "${ref}" may only hold lower case letters, digits and underscores`;
  if (!FORMER_REFERENCE.test(ref)) {
    source.error(path, `${message}.`);
    return undefined;
  }
  source.warning(path, `${message}; dashes are taken as StackStorm took them of old.`);
  return ref;
}

function readVersion(source: Source, fields: JsonObject): string {
  if (fields.version === undefined || fields.version === null) {
    source.warning([], 'The key "version" is missing; a pack should have one, such as "1.0.0".');
    return '0.0.0';
  }
  // As written, because 1.10 as a number is 1.1.
  const written = source.written(['version']) ?? String(fields.version);
  const version = /^\d+$/.test(written) ? `${written}.0.0` : /^\d+\.\d+$/.test(written) ? `${written}.0` : written;
  if (!VERSION.test(version)) {
    source.warning(['version'], `The version "${written}" should have three numbers, such as "1.0.0".`);
  }
  return version;
}

function checkVersions(source: Source, fields: JsonObject): void {
  const wanted = textOf(fields, 'stackstorm_version');
  const problem = wanted === undefined ? undefined : stackstormProblem(wanted);
  if (problem !== undefined) source.warning(['stackstorm_version'], problem);
  const { python_versions: versions } = fields;
  if (!Array.isArray(versions) || versions.length === 0) return;
  if (!versions.some((version) => String(version).startsWith('3'))) {
    source.warning(['python_versions'], 'The pack asks for Python 2 alone; its Python runs under Python 3 here.');
  }
}
