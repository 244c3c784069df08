import {
  isJsonObject,
  type Json,
  type JsonObject,
  type PrinterColumn,
  type Resource,
  type ResourceDependency,
  type ResourceHandler,
  type ResourceVersion,
} from '../model/index.ts';
import { OUTPUT_FIELDS } from './resource-file.ts';
import { checkMapping, type Fields, mappingOf, textOf } from './shape.ts';
import { hasErrors, type Path, type Source } from './source.ts';
import { structuralSchema } from './structural-schema.ts';

const HANDLER = {
  kind: 'mapping',
  fields: {
    action: { kind: 'text', required: true },
    input: { kind: 'mapping' },
    result: { kind: 'mapping' },
    timeout: { kind: 'number', minimum: 1 },
  },
} as const;

/** Kubernetes' spelling of keys, since that is the world these files are about. */
const FIELDS: Fields = {
  ...OUTPUT_FIELDS,
  name: { kind: 'text' },
  pack: { kind: 'text' },
  description: { kind: 'text' },
  group: { kind: 'text', required: true },
  kind: { kind: 'text', required: true },
  plural: { kind: 'text' },
  singular: { kind: 'text' },
  shortNames: { kind: 'list', items: { kind: 'text' } },
  scope: { kind: 'text', values: ['Namespaced', 'Cluster'] },
  versions: {
    kind: 'list',
    required: true,
    items: {
      kind: 'mapping',
      fields: {
        name: { kind: 'text', required: true },
        schema: { kind: 'mapping', required: true },
        convert: { kind: 'mapping' },
      },
    },
  },
  columns: {
    kind: 'list',
    items: {
      kind: 'mapping',
      fields: {
        name: { kind: 'text', required: true },
        type: { kind: 'text', required: true, values: ['string', 'integer', 'number', 'boolean', 'date'] },
        jsonPath: { kind: 'text', required: true },
        description: { kind: 'text' },
        priority: { kind: 'integer', minimum: 0 },
      },
    },
  },
  install: { kind: 'boolean' },
  create: { ...HANDLER, required: true },
  update: HANDLER,
  delete: { ...HANDLER, required: true },
  observe: HANDLER,
  list: HANDLER,
  resync: { kind: 'number', minimum: 1 },
  driftPolicy: { kind: 'text', values: ['report', 'correct'] },
  deletionPolicy: { kind: 'text', values: ['delete', 'retain', 'snapshot'] },
  adoptionPolicy: { kind: 'text', values: ['never', 'owned', 'any'] },
  orphanPolicy: { kind: 'text', values: ['report', 'delete'] },
  superseded: { kind: 'text', values: ['cancel', 'finish'] },
  concurrencyKey: { kind: 'text' },
  dependencies: {
    kind: 'list',
    items: {
      kind: 'mapping',
      fields: {
        kind: { kind: 'text', required: true },
        name: { kind: 'text', required: true },
        condition: { kind: 'text', values: ['Ready'] },
      },
    },
  },
  retry: {
    kind: 'mapping',
    fields: { delay: { kind: 'number', required: true, minimum: 0 }, maxDelay: { kind: 'number', minimum: 0 } },
  },
};

/** A DNS label, as Kubernetes wants names of kinds and versions. */
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const GROUP = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/;
const KIND = /^[A-Z][A-Za-z0-9]{0,62}$/;

/** Reads a declared resource: a file of `resources/`, or what a module with `defineResource` says, as JSON. */
export function readDeclaredResource(source: Source, metadataFile: string): Resource | undefined {
  const fields = checkMapping(source, [], source.value, FIELDS, { what: 'a resource' });
  if (fields === undefined) return undefined;
  const group = textOf(fields, 'group') ?? '';
  const kind = textOf(fields, 'kind') ?? '';
  const lower = kind.toLowerCase();
  const name = textOf(fields, 'name') ?? lower;
  const plural = textOf(fields, 'plural') ?? `${lower}s`;
  check(source, ['group'], group, GROUP, 'a domain with a dot, such as "databases.example.com"');
  check(source, ['kind'], kind, KIND, 'a word in CamelCase, such as "MysqlDb"');
  check(source, ['name'], name, LABEL, 'lower case letters, digits and "-"');
  check(source, ['plural'], plural, LABEL, 'lower case letters, digits and "-"');
  const versions = readVersions(source, fields.versions);
  const handlers = readHandlers(source, fields);
  if (handlers === undefined || versions === undefined || hasErrors(source.problems)) return undefined;
  const description = textOf(fields, 'description');
  const concurrencyKey = textOf(fields, 'concurrencyKey');
  const retry = mappingOf(fields, 'retry');
  const delay = numberOr(retry.delay, 5);
  return {
    ref: `${source.pack}.${name}`,
    pack: source.pack,
    name,
    ...(description !== undefined && { description }),
    group,
    kind,
    plural,
    singular: textOf(fields, 'singular') ?? lower,
    shortNames: listOf<string>(fields.shortNames),
    scope: wordOr(fields, 'scope', 'Namespaced'),
    versions,
    columns: listOf<PrinterColumn & JsonObject>(fields.columns),
    install: fields.install === true,
    ...handlers,
    resync: numberOr(fields.resync, 300),
    driftPolicy: wordOr(fields, 'driftPolicy', 'report'),
    deletionPolicy: wordOr(fields, 'deletionPolicy', 'delete'),
    adoptionPolicy: wordOr(fields, 'adoptionPolicy', 'owned'),
    orphanPolicy: wordOr(fields, 'orphanPolicy', 'report'),
    superseded: wordOr(fields, 'superseded', 'finish'),
    ...(concurrencyKey !== undefined && { concurrencyKey }),
    dependencies: listOf<ResourceDependency & JsonObject>(fields.dependencies),
    retry: { delay, maxDelay: Math.max(delay, numberOr(retry.maxDelay, 300)) },
    metadataFile,
  };
}

function check(source: Source, path: Path, text: string, pattern: RegExp, wanted: string): void {
  if (text !== '' && !pattern.test(text)) {
    source.error(path, `"${path.join('.')}" is "${text}", but it must be ${wanted}.`);
  }
}

function readVersions(source: Source, value: Json | undefined): readonly ResourceVersion[] | undefined {
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) source.error(['versions'], 'A resource needs at least one version; the first is stored.');
  const names = new Set<string>();
  return value.filter(isJsonObject).flatMap((version, index): ResourceVersion[] => {
    const name = textOf(version, 'name');
    const schema = version.schema;
    if (name === undefined || !isJsonObject(schema)) return [];
    check(source, ['versions', index, 'name'], name, LABEL, 'a version such as "v1" or "v1beta1"');
    if (names.has(name)) source.error(['versions', index, 'name'], `The version "${name}" is declared twice.`);
    names.add(name);
    const structural = structuralSchema(schema, (path, message) => {
      const where = path.filter((part) => part !== 'properties').join('.') || 'The schema';
      source.error(['versions', index, 'schema', ...path], `${where} ${message}.`);
    });
    return [{ name, schema: structural, ...(isJsonObject(version.convert) && { convert: version.convert }) }];
  });
}

type Handlers = Pick<Resource, 'create' | 'update' | 'delete' | 'observe' | 'list'>;

function readHandlers(source: Source, fields: JsonObject): Handlers | undefined {
  const read = (name: string): ResourceHandler | undefined => {
    const handler = fields[name];
    if (!isJsonObject(handler)) return undefined;
    const action = textOf(handler, 'action');
    if (action === undefined) return undefined;
    return {
      action: action.includes('.') ? action : `${source.pack}.${action}`,
      input: mappingOf(handler, 'input'),
      ...(isJsonObject(handler.result) && { result: handler.result }),
      timeout: numberOr(handler.timeout, 3600),
    };
  };
  const [create, update, remove, observe, list] = ['create', 'update', 'delete', 'observe', 'list'].map(read);
  if (create === undefined || remove === undefined) return undefined;
  return { create, delete: remove, ...(update && { update }), ...(observe && { observe }), ...(list && { list }) };
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** The fields were checked against the words they may be. */
function wordOr<T extends string>(fields: JsonObject, key: string, otherwise: T): T {
  return (textOf(fields, key) as T | undefined) ?? otherwise;
}

/** The items were checked. */
function listOf<T extends Json>(value: Json | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}
