/** JSON patch, RFC 6902. */
import { badRequest, StatusError } from '../errors.ts';
import { clone, equal, isMap, type Json, own } from '../json.ts';

/** A new value. Throws 422 when an operation cannot be done or a test fails, 400 when the patch is no patch. */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  let value = clone(target);
  for (const operation of patch) {
    if (!isMap(operation) || typeof operation.op !== 'string' || typeof operation.path !== 'string') {
      throw badRequest('a JSON patch operation needs "op" and "path"');
    }
    value = apply(value, operation.op, operation.path, operation.from, operation.value);
  }
  return value;
}

function apply(target: Json, op: string, path: string, from: Json | undefined, value: Json | undefined): Json {
  switch (op) {
    case 'add':
      return add(target, path, clone(value ?? null));
    case 'replace':
      read(target, path);
      return path === '' ? clone(value ?? null) : add(remove(target, path), path, clone(value ?? null));
    case 'remove':
      return remove(target, path);
    case 'test':
      if (!equal(read(target, path), value ?? null)) {
        throw unprocessable();
      }
      return target;
    case 'move':
    case 'copy': {
      const source = typeof from === 'string' ? from : '';
      const moved = clone(read(target, source));
      return add(op === 'move' ? remove(target, source) : target, path, moved);
    }
    default:
      throw badRequest(`Unexpected kind: ${op}`);
  }
}

/** The real server keeps to itself which operation failed, and why. */
function unprocessable(): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

function tokens(path: string): string[] {
  if (path === '') return [];
  return path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function step(container: Json | undefined, token: string): Json | undefined {
  if (Array.isArray(container)) return /^(0|[1-9]\d*)$/.test(token) ? container[Number(token)] : undefined;
  return isMap(container) ? own(container, token) : undefined;
}

function read(target: Json, path: string): Json {
  const found = tokens(path).reduce<Json | undefined>(step, target);
  if (found === undefined) throw unprocessable();
  return found;
}

/** The container a path's last token lies in, within the copy being changed. */
function parentOf(target: Json, path: string): { parent: Json; last: string } {
  const all = tokens(path);
  const last = all.pop() ?? '';
  const parent = all.reduce<Json | undefined>(step, target);
  if (parent === undefined) throw unprocessable();
  return { parent, last };
}

function add(target: Json, path: string, value: Json): Json {
  if (path === '') return value;
  const { parent, last } = parentOf(target, path);
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) {
      throw unprocessable();
    }
    parent.splice(index, 0, value);
  } else if (isMap(parent)) {
    if (last !== '__proto__') parent[last] = value;
  } else {
    throw unprocessable();
  }
  return target;
}

function remove(target: Json, path: string): Json {
  read(target, path);
  const { parent, last } = parentOf(target, path);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isMap(parent)) delete parent[last];
  return target;
}
