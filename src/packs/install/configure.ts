import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Document, isMap, parseDocument } from 'yaml';
import { isJsonObject, type Json, type JsonObject, type ParameterSchemas, PetrelError } from '../../model/index.ts';
import { readConfig } from '../config.ts';
import { didYouMean, formatProblem } from '../problems.ts';
import { hasErrors, parseSource } from '../source.ts';

/** One item of a configuration that has a value of its own: an object with properties is what these make up. */
export interface ConfigItem {
  readonly path: readonly string[];
  readonly schema: JsonObject;
}

/** The items of a configuration schema, those of nested objects by their paths. */
export function configItems(
  schemas: ParameterSchemas | JsonObject,
  path: readonly string[] = [],
): readonly ConfigItem[] {
  return Object.entries(schemas).flatMap(([name, schema]): readonly ConfigItem[] => {
    if (!isJsonObject(schema)) return [];
    const at = [...path, name];
    const nested = schema.type === 'object' && isJsonObject(schema.properties) ? schema.properties : undefined;
    return nested === undefined ? [{ path: at, schema }] : configItems(nested, at);
  });
}

/**
 * The item that `a.b.c` names; below an object without declared properties anything may be named. Throws `PetrelError` (`invalid`) for a name
 * that looks like another's.
 */
export function configItem(schemas: ParameterSchemas, name: string): ConfigItem {
  const path = name.split('.');
  const items = configItems(schemas);
  const found = items.find((item) => item.path.join('.') === name);
  if (found !== undefined) return found;
  const [first = ''] = path;
  if (Object.hasOwn(schemas, first)) return { path, schema: path.length === 1 ? (schemas[first] ?? {}) : {} };
  const hint = didYouMean(
    name,
    items.map((item) => item.path.join('.')),
  );
  // As StackStorm, a configuration may hold more than its schema names.
  if (hint === '') return { path, schema: {} };
  throw new PetrelError('invalid', `The configuration has no item "${name}".${hint}`);
}

/** Text, as typed, in the type that the schema wants; text that cannot be read so stays, and the check says what is wrong. */
export function readItem({ schema }: ConfigItem, text: string): Json {
  // A template gives what it gives.
  if (/\{\{|\{%/.test(text)) return text;
  switch (schema.type) {
    case 'boolean':
      return /^(?:true|yes|y|on|1)$/i.test(text) ? true : /^(?:false|no|n|off|0)$/i.test(text) ? false : text;
    case 'integer':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'array':
    case 'object':
      try {
        return JSON.parse(text) as Json; // JSON.parse answers JSON
      } catch {
        return schema.type === 'array' ? text.split(',').map((item) => item.trim()) : text;
      }
    default:
      return text;
  }
}

export interface ConfigChange {
  readonly path: readonly string[];
  readonly value: Json;
}

export interface Configuring {
  readonly pack: string;
  /** The file `<configs>/<pack>.yaml`. */
  readonly file: string;
  readonly schemas: ParameterSchemas;
  encrypt(plain: string): string;
}

/**
 * Changes items of a pack's configuration file; what is not changed stays as it was written, comments too. Values of secret items are written
 * encrypted, as templates that give the ciphertext, which is how a configuration names a secret of the datastore, too. The file is
 * replaced at once, and not at all when the outcome does not fit the schema: throws `PetrelError` (`invalid`) with all complaints.
 */
export async function changeConfig(
  { pack, file, schemas, encrypt }: Configuring,
  changes: readonly ConfigChange[],
): Promise<void> {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const parsed = parseDocument(before, { version: '1.1' });
  if (parsed.errors.length > 0) {
    throw new PetrelError('invalid', `${file} cannot be read, so it cannot be changed: ${parsed.errors[0]?.message}`);
  }
  const document: Document = parsed.contents === null ? new Document({}, { version: '1.1' }) : parsed;
  const secrets = new Set(
    configItems(schemas)
      .filter(({ schema }) => schema.secret === true)
      .map(({ path }) => path.join('.')),
  );
  for (const { path, value } of changes) {
    const isSecret = secrets.has(path.join('.')) && typeof value === 'string' && !/\{\{|\{%/.test(value);
    setIn(document, path, isSecret ? `{{ "${encrypt(value)}" }}` : value);
  }
  const text = document.toString({ lineWidth: 0 });
  const source = parseSource(text, { file, pack });
  if (source.value !== undefined) readConfig(source, schemas);
  if (hasErrors(source.problems)) {
    const why = source.problems.map((problem) => formatProblem(problem, dirname(file))).join('\n');
    throw new PetrelError('invalid', `The configuration of ${pack} was not changed:\n${why}`);
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.tmp`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}

/** Makes what is missing on the way: the library would make ordered mappings there, which YAML 1.1 marks with a tag. */
function setIn(document: Document, path: readonly string[], value: Json): void {
  const depth = path.findIndex(
    (_, index) => !isMap(index === 0 ? document.contents : document.getIn(path.slice(0, index))),
  );
  const known = depth < 0 ? path.length : depth;
  const nested = path.slice(known).reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
  // A scalar takes the place of a scalar with its comment.
  const isNode = typeof nested === 'object' && nested !== null;
  document.setIn(path.slice(0, known), isNode ? document.createNode(nested) : nested);
}
