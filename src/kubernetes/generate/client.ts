/**
 * Generates a typed client from an API description: plain functions, one module for each group, and the types they take and answer. The
 * same description gives the same text, byte for byte.
 */

import type { ApiDocument } from '../openapi/convert.ts';
import { at, type Cursor, itemsOf, membersOf, textAt } from '../openapi/cursor.ts';
import { docComment, headComment } from './comments.ts';
import { printDeclaration } from './declaration.ts';
import { fileName, literal, Names, typeName } from './names.ts';
import { schemaComment } from './object-types.ts';
import { type Operation, readOperations } from './operations.ts';
import { printOperations, runtimeImports } from './print-operations.ts';
import { RUNTIME_NAMES, RUNTIME_SOURCE } from './runtime-source.ts';
import { circularSchemas, type TypeScope, typeOf } from './types.ts';

export interface GeneratedClient {
  readonly title: string;
  /** Text by file name; all lie in one directory. */
  readonly files: Readonly<Record<string, string>>;
  readonly operations: number;
  readonly types: number;
  readonly warnings: readonly string[];
}

/** Throws `invalid` with file and pointer for what cannot be read. */
export function generateClient({ root, warnings }: ApiDocument): GeneratedClient {
  const title = textAt(at(root, 'info', 'title')) ?? '';
  const version = textAt(at(root, 'info', 'version')) ?? '';
  const head = headComment('client', [title, version].join(' '));
  const schemas = membersOf(at(root, 'components', 'schemas'));
  const names = new Names(RUNTIME_NAMES);
  const typeNames = new Map(schemas.map(([schema]) => [schema, names.unique(typeName(schema))]));
  const circular = circularSchemas(root);
  const scopeFor = (prefix: string): TypeScope => ({
    root,
    circular,
    nameOf(schema) {
      const name = typeNames.get(schema);
      return name === undefined ? undefined : prefix + name;
    },
  });

  const operations = readOperations(root, names, () => scopeFor('types.'));
  const groups = groupsOf(operations);
  const files: Record<string, string> = {
    'runtime.ts': `${head}\n${RUNTIME_SOURCE}`,
    'types.ts': `${head}\n${schemas.map(([schema, cursor]) => declaration(scopeFor(''), schema, cursor)).join('\n')}`,
    'index.ts': `${head}\n${indexText(root, [...groups.keys()], schemas.length > 0)}`,
  };
  if (schemas.length === 0) delete files['types.ts'];
  for (const [file, members] of groups) files[`${file}.ts`] = `${head}\n${moduleText(members)}`;
  return {
    title,
    files,
    operations: operations.length,
    types: schemas.length,
    warnings: [
      ...warnings,
      ...[...circular].map(
        (schema) =>
          `${root.file}: the schema "${schema}" is nothing but a reference to itself; it is a value of any kind.`,
      ),
    ],
  };
}

/** The modules in the order of their names; one must not have the name of a file that is there anyway. */
function groupsOf(operations: readonly Operation[]): ReadonlyMap<string, readonly Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const wanted = fileName(operation.group);
    const file = ['index', 'types', 'runtime'].includes(wanted) ? `${wanted}-api` : wanted;
    groups.set(file, [...(groups.get(file) ?? []), operation]);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function declaration(scope: TypeScope, schema: string, cursor: Cursor): string {
  const name = scope.nameOf(schema) ?? schema;
  const type = typeOf(scope, cursor, { indent: '', direct: schema });
  const comment = schemaComment(cursor, '');
  return printDeclaration(name, type, comment);
}

function moduleText(operations: readonly Operation[]): string {
  const body = printOperations(operations);
  const parts = [
    ...operations.flatMap(({ parameters, body: sent }) => [...parameters.map(({ type }) => type), sent?.type ?? '']),
    ...operations.map(({ result, stream }) => (stream?.replaces === true ? stream.type : result.type)),
  ];
  const typed = parts.some((part) => /\btypes\.[\p{Lu}_$]/u.test(part))
    ? "import type * as types from './types.js';\n"
    : '';
  const imports = runtimeImports(operations);
  const line = `import { ${imports.join(', ')} } from './runtime.js';\n`;
  const text =
    line.length <= 120 ? line : `import {\n${imports.map((one) => `  ${one},\n`).join('')}} from './runtime.js';\n`;
  return `${text}${typed}\n${body}`;
}

function indexText(root: Cursor, modules: readonly string[], types: boolean): string {
  const [server] = itemsOf(at(root, 'servers'));
  const url = server === undefined ? undefined : textAt(at(server, 'url'));
  const description = textAt(at(root, 'info', 'description')) ?? '';
  return [
    description === '' ? '' : `${docComment(description)}\n`,
    "export * from './runtime.js';\n",
    types ? "export type * from './types.js';\n" : '',
    ...modules.map((one) => `export * from './${one}.js';\n`),
    url === undefined
      ? ''
      : `\n/** The address that the description names. */\nexport const defaultBaseUrl = ${literal(url)};\n`,
  ].join('');
}
