/** Swagger 1.2 to OpenAPI 3: a resource listing and its API declarations become one document. */
import type { Json, JsonObject } from '../../model/index.ts';
import { at, broken, type Cursor, itemsOf, membersOf, objectAt, requiredText, textAt, textsAt } from './cursor.ts';
import { operationOf } from './swagger-1-operations.ts';
import { modelSchema, type TypeNames } from './swagger-1-schemas.ts';

export interface Converted {
  readonly document: JsonObject;
  /** What could not be taken as written, each a sentence that names the place. */
  readonly warnings: readonly string[];
}

/** Whether a document of swagger 1.2 is a declaration (has operations) and not the listing that names the declarations. */
export function isDeclaration(cursor: Cursor): boolean {
  return itemsOf(at(cursor, 'apis')).some((api) => at(api, 'operations').value !== undefined);
}

/**
 * Converts a listing (where there is one) with all its declarations. Models of one name in several declarations are one schema when they
 * are written alike, as Kubernetes' are; one that differs gets its declaration's name in front. Throws `invalid` with file and pointer.
 */
export function convertSwagger1(listing: Cursor | undefined, declarations: readonly Cursor[]): Converted {
  const unknown: UnknownTypes = new Map();
  const schemas: Record<string, Json> = Object.create(null);
  const written = new Map<string, string>();
  const paths: Record<string, Record<string, Json>> = Object.create(null);
  const bases = declarations.map(baseOf);
  const shared = sharedBase(bases);

  for (const [index, declaration] of declarations.entries()) {
    const names = namesOf(declaration, written, unknown);
    addModels(declaration, names, schemas);
    const prefix = shared.whole ? '' : (bases[index]?.pathname ?? '');
    for (const api of itemsOf(at(declaration, 'apis'))) {
      const path = prefix + plainPath(requiredText(at(api, 'path')));
      for (const operation of itemsOf(at(api, 'operations'))) {
        const method = requiredText(at(operation, 'method')).toLowerCase();
        const item = paths[path] ?? {};
        paths[path] = item;
        if (item[method] !== undefined) throw broken(operation, `is a second ${method.toUpperCase()} of ${path}`);
        item[method] = operationOf(declaration, api, operation, names);
      }
    }
  }
  return {
    document: {
      openapi: '3.0.3',
      info: infoOf(listing, declarations),
      ...(shared.url === '' ? {} : { servers: [{ url: shared.url }] }),
      paths: { ...paths },
      components: { schemas: { ...schemas } },
    },
    warnings: [...unknown].map(
      ([type, { first, places }]) =>
        `${first.file}: "${first.pointer}" has the type "${type}", which no model declares; it is a value of any kind${places === 1 ? '' : `, there and in ${places - 1} other places`}.`,
    ),
  };
}

function infoOf(listing: Cursor | undefined, declarations: readonly Cursor[]): JsonObject {
  const info = listing === undefined ? {} : objectAt(at(listing, 'info'));
  const version = [listing, ...declarations].flatMap((one) =>
    one === undefined ? [] : (textAt(at(one, 'apiVersion')) ?? []),
  );
  const title = typeof info.title === 'string' && info.title !== '' ? info.title : 'API';
  return {
    title,
    ...(typeof info.description === 'string' && info.description !== '' ? { description: info.description } : {}),
    version: version.find((one) => one !== '') ?? '1.2',
  };
}

/** `{path:*}` of go-restful, and regular expressions after a name. */
function plainPath(path: string): string {
  return (path.startsWith('/') ? path : `/${path}`).replace(/\{([^{}:]+):[^{}]*\}/g, '{$1}');
}

function baseOf(declaration: Cursor): URL | undefined {
  const text = textAt(at(declaration, 'basePath')) ?? '';
  return URL.canParse(text) ? new URL(text) : undefined; // a relative one says nothing about where the server is
}

/** The address all declarations have in common; where only the servers are the same, the rest of each belongs into its paths. */
function sharedBase(bases: readonly (URL | undefined)[]): { readonly url: string; readonly whole: boolean } {
  const [first] = bases;
  const textOf = (base: URL | undefined) => (base === undefined ? '' : base.href.replace(/\/+$/, ''));
  if (bases.every((base) => textOf(base) === textOf(first))) return { url: textOf(first), whole: true };
  return { url: first?.origin ?? '', whole: false };
}

type UnknownTypes = Map<string, { readonly first: Cursor; places: number }>;

function namesOf(declaration: Cursor, written: Map<string, string>, unknown: UnknownTypes): TypeNames {
  const place = (textAt(at(declaration, 'resourcePath')) ?? '').replace(/^\/+|\/+$/g, '').replaceAll('/', '.');
  const own = new Map<string, string>();
  for (const [name, model] of membersOf(at(declaration, 'models'))) {
    objectAt(model);
    const text = JSON.stringify(model.value);
    const taken = written.get(name);
    const schema = taken === undefined || taken === text ? name : `${place}.${name}`;
    written.set(schema, text);
    own.set(name, schema);
    const id = textAt(at(model, 'id'));
    if (id !== undefined && !own.has(id)) own.set(id, schema);
  }
  return {
    schemaOf: (model) => own.get(model),
    unknown: (cursor, type) => {
      const known = unknown.get(type);
      if (known === undefined) unknown.set(type, { first: cursor, places: 1 });
      else known.places += 1;
    },
  };
}

function addModels(declaration: Cursor, names: TypeNames, schemas: Record<string, Json>): void {
  const models = at(declaration, 'models');
  const parents = new Map<string, string>();
  for (const [name, model] of membersOf(models)) {
    for (const child of textsAt(at(model, 'subTypes'))) parents.set(child, names.schemaOf(name) ?? name);
  }
  for (const [name, model] of membersOf(models)) {
    schemas[names.schemaOf(name) ?? name] = modelSchema(model, names, parents.get(name));
  }
}
