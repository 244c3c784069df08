/** What a client needs to know of each operation, read out of the paths of an OpenAPI 3 document. */
import { PetrelError } from '../../model/index.ts';
import { at, type Cursor, follow, isTrue, membersOf, textAt, textsAt } from '../openapi/cursor.ts';
import { type Body, bodyOf } from './bodies.ts';
import { camelCase, type Names, pascalCase } from './names.ts';
import { type Parameter, readParameters } from './parameters.ts';
import { type Result, resultOf } from './results.ts';
import { type Stream, streamOf } from './streams.ts';
import type { TypeScope } from './types.ts';

export interface Operation {
  /** Name of the function. */
  readonly name: string;
  /** Name of the interface of its parameters. */
  readonly parametersName: string;
  /** What the module is called that holds it. */
  readonly group: string;
  readonly method: string;
  readonly path: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly body: Body | undefined;
  readonly result: Result;
  /** The same request read as a stream: the names of that function and of the one that both share, and what it yields. */
  readonly stream: (Stream & { readonly name: string; readonly requestName: string }) | undefined;
}

const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** `scopeFor` answers where types of one group's module are looked up. */
export function readOperations(
  root: Cursor,
  names: Names,
  scopeFor: (group: string) => TypeScope,
): readonly Operation[] {
  const operations: Operation[] = [];
  for (const [path, written] of membersOf(at(root, 'paths'))) {
    if (!path.startsWith('/')) continue; // an extension
    const item = follow(root, written);
    for (const method of METHODS) {
      const operation = at(item, method);
      if (operation.value === undefined) continue;
      const group = groupOf(path, operation);
      operations.push(readOperation({ root, names, path, item, method, operation, group, scope: scopeFor(group) }));
    }
  }
  if (operations.length === 0) {
    throw new PetrelError('invalid', `${root.file} describes no operation: its "paths" are empty.`);
  }
  return operations;
}

interface Found {
  readonly root: Cursor;
  readonly names: Names;
  readonly path: string;
  readonly item: Cursor;
  readonly method: string;
  readonly operation: Cursor;
  readonly group: string;
  readonly scope: TypeScope;
}

function readOperation(found: Found): Operation {
  const { root, names, path, method, operation, group, scope } = found;
  const id = textAt(at(operation, 'operationId')) ?? '';
  const name = names.unique(camelCase(id === '' ? `${method} ${path.replaceAll('{', 'by ')}` : id), pascalCase(group));
  const result = resultOf(scope, operation);
  const all = readParameters(scope, path, found.item, operation);
  const stream = streamOf(root, scope, { path, method, operation, parameters: all, result });
  return {
    name,
    parametersName: names.unique(`${pascalCase(name.replace(/_$/, ''))}Parameters`),
    group,
    method: method.toUpperCase(),
    path,
    description: descriptionOf(operation, method, path),
    parameters: all.filter((one) => one.name !== stream?.fixed?.name),
    body: bodyOf(scope, operation),
    result,
    stream: stream === undefined ? undefined : { ...stream, ...streamNames(names, name, stream) },
  };
}

function streamNames(names: Names, name: string, stream: Stream): { name: string; requestName: string } {
  if (stream.replaces) return { name, requestName: '' };
  const ending = stream.kind === 'events' ? 'Watch' : 'Stream';
  return { name: names.unique(`${name}${ending}`), requestName: names.unique(`${name}Request`) };
}

/** The group and version of a path of Kubernetes, else the first tag, else the first word of the path. */
function groupOf(path: string, operation: Cursor): string {
  const [, core, named, version] = /^\/(?:api\/(v\w+)|apis\/([^/{}]+)\/(v\w+))(?:\/|$)/.exec(path) ?? [];
  if (core !== undefined) return `core-${core}`;
  if (named !== undefined) return `${named}-${version}`;
  const [tag] = textsAt(at(operation, 'tags'));
  return tag ?? path.split('/').find((part) => part !== '' && !part.startsWith('{')) ?? 'api';
}

function descriptionOf(operation: Cursor, method: string, path: string): string {
  const summary = textAt(at(operation, 'summary')) ?? '';
  const description = textAt(at(operation, 'description')) ?? '';
  const said = [summary, description === summary ? '' : description].filter((text) => text !== '');
  return [
    ...said.flatMap((text, index) => (index === 0 ? [text] : ['', text])),
    ...(said.length === 0 ? [] : ['']),
    `${method.toUpperCase()} ${path}`,
    ...(isTrue(at(operation, 'deprecated')) ? ['', '@deprecated'] : []),
  ].join('\n');
}
