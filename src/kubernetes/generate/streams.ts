import { at, type Cursor, follow, membersOf, textAt } from '../openapi/cursor.ts';
import type { Parameter } from './parameters.ts';
import { type Result, resultOf } from './results.ts';
import { type TypeScope, textOf, typeOf } from './types.ts';

/** A request whose answer goes on: a watch, a log being followed, JSON by the line. */
export interface Stream {
  /** `events` are Kubernetes' watch events around objects of `type`; `lines` are values of `type`; `text` is pieces of text. */
  readonly kind: 'events' | 'lines' | 'text';
  readonly type: string;
  /** The query parameter that makes a stream of it, and its value; the caller does not give it. */
  readonly fixed?: { readonly name: string; readonly value: boolean };
  /** There is nothing to read but the stream. */
  readonly replaces: boolean;
}

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly operation: Cursor;
  readonly parameters: readonly Parameter[];
  readonly result: Result;
}

/** How an operation can be read as a stream; undefined when it cannot. */
export function streamOf(root: Cursor, scope: TypeScope, asked: Asked): Stream | undefined {
  const { path, method, parameters, result } = asked;
  // Server-sent events have no end, and their framing is the caller's to read.
  if (result.accept === 'text/event-stream') return { kind: 'text', type: 'string', replaces: true };
  if (method !== 'get') return result.kind === 'lines' ? lines(result) : undefined;
  const flag = (name: string) =>
    parameters.find((one) => one.in === 'query' && one.name === name && one.type === 'boolean');
  if (/^\/apis?\/(.*\/)?watch\//.test(path)) {
    const item = watchedType(root, scope, path);
    const fixed = flag('watch') === undefined ? {} : { fixed: { name: 'watch', value: true } };
    if (item !== undefined) return { kind: 'events', type: item, ...fixed, replaces: true };
  }
  if (result.kind === 'lines') return lines(result);
  if (flag('watch') !== undefined && result.kind === 'json') {
    const item = itemType(scope, result);
    if (item !== undefined) {
      return { kind: 'events', type: item, fixed: { name: 'watch', value: true }, replaces: false };
    }
  }
  if (flag('follow') !== undefined && result.kind === 'text') {
    return { kind: 'text', type: 'string', fixed: { name: 'follow', value: true }, replaces: false };
  }
  return undefined;
}

function lines(result: Result): Stream {
  return { kind: 'lines', type: result.type, replaces: true };
}

/** The type of a list's items; undefined for what is no list. */
function itemType(scope: TypeScope, result: Result): string | undefined {
  if (result.schema === undefined) return undefined;
  const items = at(follow(scope.root, result.schema), 'properties', 'items');
  if (textAt(at(items, 'type')) !== 'array') return undefined;
  return textOf(typeOf(scope, at(items, 'items'), { indent: '' }));
}

/**
 * The paths with /watch/ in them, by which one watched before there was a parameter for it, describe their events as if they were one
 * value (in 1.1 and 1.2 with a text for the object). What they tell of is what the same path without it answers.
 */
function watchedType(root: Cursor, scope: TypeScope, path: string): string | undefined {
  const plain = path.replace('/watch/', '/');
  const known = membersOf(at(root, 'paths')).some(([one]) => one === plain);
  if (!known) return undefined;
  const operation = at(follow(root, at(root, 'paths', plain)), 'get');
  if (operation.value === undefined) return undefined;
  const result = resultOf(scope, operation);
  if (result.kind !== 'json') return undefined;
  return itemType(scope, result) ?? result.type;
}
