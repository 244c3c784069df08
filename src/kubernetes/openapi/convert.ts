import { isJsonObject, type JsonObject, PetrelError } from '../../model/index.ts';
import { at, broken, type Cursor, itemsOf, objectAt, requiredText, rootOf, textAt } from './cursor.ts';
import { type Converted, convertSwagger1, isDeclaration } from './swagger-1.ts';
import { convertSwagger2 } from './swagger-2.ts';

/** An API's description as OpenAPI 3, whatever it was written in. */
export interface ApiDocument {
  readonly root: Cursor;
  readonly warnings: readonly string[];
}

export type Dialect = 'swagger 1.2' | 'swagger 2.0' | 'OpenAPI 3';

/** What a document says it is. Throws `invalid` when it is none of the three. */
export function dialectOf(cursor: Cursor): Dialect {
  if (!isJsonObject(cursor.value)) throw broken(cursor, 'must be an object: an API description');
  const { openapi, swagger, swaggerVersion } = cursor.value;
  if (typeof openapi === 'string' && openapi.startsWith('3.')) return 'OpenAPI 3';
  if (String(swagger) === '2.0' || swagger === 2) return 'swagger 2.0';
  if (String(swaggerVersion).startsWith('1.')) return 'swagger 1.2';
  throw new PetrelError(
    'invalid',
    `${cursor.file} is no API description: it has neither "openapi": "3...", nor "swagger": "2.0", nor "swaggerVersion": "1.2".`,
  );
}

/** The API declarations that a swagger 1.2 listing names, as it writes them. */
export function declarationPaths(listing: Cursor): readonly string[] {
  return itemsOf(at(listing, 'apis')).map((api) => requiredText(at(api, 'path')));
}

/** Converts what was read: one document, or those of a swagger 1.2 API. Throws `invalid` with file and pointer. */
export function convertDocuments(documents: readonly Cursor[]): ApiDocument {
  const [first] = documents;
  if (first === undefined) throw new PetrelError('invalid', 'There is no API description to read.');
  if (dialectOf(first) === 'swagger 1.2') {
    const declarations = documents.filter(isDeclaration);
    if (declarations.length === 0) {
      throw new PetrelError('invalid', `${first.file} names no API declaration that has operations.`);
    }
    const { document, warnings }: Converted = convertSwagger1(
      documents.find((one) => !isDeclaration(one)),
      declarations,
    );
    return { root: rootOf(first.file, document), warnings };
  }
  if (dialectOf(first) === 'swagger 2.0') return { root: rootOf(first.file, convertSwagger2(first)), warnings: [] };
  return { root: first, warnings: [] };
}

/**
 * One document out of the many a cluster answers, one for each group and version. A schema that two of them describe differently is kept
 * as the first has it, with a warning.
 */
export function mergeDocuments(file: string, documents: readonly Cursor[]): ApiDocument {
  const paths: Record<string, unknown> = Object.create(null);
  const schemas: Record<string, unknown> = Object.create(null);
  const warnings: string[] = [];
  for (const document of documents) {
    Object.assign(paths, objectAt(at(document, 'paths')));
    for (const [name, schema] of Object.entries(objectAt(at(document, 'components', 'schemas')))) {
      if (schemas[name] === undefined) schemas[name] = schema;
      else if (JSON.stringify(schemas[name]) !== JSON.stringify(schema)) {
        warnings.push(
          `${document.file} describes the schema "${name}" otherwise than a document before it, which counts.`,
        );
      }
    }
  }
  const [first] = documents;
  const merged = {
    openapi: first === undefined ? '3.0.0' : (textAt(at(first, 'openapi')) ?? '3.0.0'),
    info: first === undefined ? {} : objectAt(at(first, 'info')),
    paths: { ...paths },
    components: { schemas: { ...schemas } },
  } as JsonObject; // made of parts of JSON documents
  return { root: rootOf(file, merged), warnings };
}
