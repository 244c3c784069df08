import { randomUUID } from 'node:crypto';
import type { Answer, Incoming } from '../../loopback.ts';
import { ConsulError, json } from '../answers.ts';
import { type AclStore, ANONYMOUS, MANAGEMENT, type Policy, type Token } from './acl-store.ts';

type Fields = Readonly<Record<string, unknown>>;

/** `/v1/acl/REST`. `store` is undefined where access control is off, as it is in a Consul that was not told otherwise. */
export function handleAcl(request: Incoming, rest: string, secretId: string, store: AclStore | undefined): Answer {
  if (store === undefined) throw new ConsulError(401, 'ACL support disabled');
  const [kind = '', ...path] = rest.split('/');
  const id = path.join('/');
  if (kind === 'token' && id === 'self') {
    only(request, 'GET');
    // As Consul: who has none is not told of the anonymous one.
    if (secretId === '') throw new ConsulError(403, 'ACL not found');
    return json(200, tokenJson(store.tokenOf(secretId), store));
  }
  const access = store.accessOf(secretId);
  if (!(request.method === 'GET' ? access.readAcl : access.writeAcl)) throw new ConsulError(403, 'Permission denied');
  switch (kind) {
    case 'policies':
      only(request, 'GET');
      return json(200, sorted([...store.policies.values()], 'ID').map(withoutRules));
    case 'tokens':
      only(request, 'GET');
      return json(
        200,
        sorted([...store.tokens.values()], 'AccessorID').map((token) => withoutSecret(token, store)),
      );
    case 'policy':
      return handlePolicy(request, id, store);
    case 'token':
      return handleToken(request, id, store);
    default:
      return { status: 404 };
  }
}

function handlePolicy(request: Incoming, id: string, store: AclStore): Answer {
  if (id === '') only(request, 'PUT');
  switch (request.method) {
    case 'GET': {
      const name = /^name\/(.+)$/.exec(id)?.[1];
      const policy = name === undefined ? store.policies.get(id) : policyNamed(name, store);
      if (policy === undefined) throw new ConsulError(403, 'ACL not found');
      return json(200, policy);
    }
    case 'PUT':
      return json(200, putPolicy(id, fieldsOf(request), store));
    case 'DELETE':
      if (id === MANAGEMENT) {
        throw new ConsulError(500, 'Delete operation not permitted on the builtin global-management policy');
      }
      store.deletePolicy(id);
      return json(200, true);
    default:
      throw notAllowed(request, 'OPTIONS,GET,PUT,DELETE');
  }
}

function putPolicy(id: string, given: Fields, store: AclStore): Policy {
  if (id === MANAGEMENT)
    throw new ConsulError(500, 'Changing the Rules for the builtin global-management policy is not permitted');
  if (id !== '' && !store.policies.has(id)) throw new ConsulError(500, `cannot find policy ${id}`);
  const name = String(given.Name ?? '');
  if (name === '') throw new ConsulError(500, 'Invalid Policy: no Name is set');
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(name)) {
    throw new ConsulError(500, "Invalid Policy: invalid Name. Only alphanumeric characters, '-' and '_' are allowed");
  }
  const other = policyNamed(name, store);
  if (other !== undefined && other.ID !== id) {
    throw new ConsulError(500, `Invalid Policy: A Policy with Name "${name}" already exists`);
  }
  const text = { Description: String(given.Description ?? ''), Rules: String(given.Rules ?? '') };
  return store.writePolicy({ ID: id === '' ? randomUUID() : id, Name: name, ...text });
}

function handleToken(request: Incoming, id: string, store: AclStore): Answer {
  if (id === '') only(request, 'PUT');
  switch (request.method) {
    case 'GET': {
      const token = store.tokens.get(id);
      if (token === undefined) throw new ConsulError(403, 'ACL not found');
      return json(200, tokenJson(token, store));
    }
    case 'PUT':
      return json(200, tokenJson(putToken(id, fieldsOf(request), store), store));
    case 'DELETE':
      if (id === ANONYMOUS) throw new ConsulError(500, 'Delete operation not permitted on the anonymous token');
      store.tokens.delete(id);
      return json(200, true);
    default:
      throw notAllowed(request, 'OPTIONS,GET,PUT,DELETE');
  }
}

function putToken(id: string, given: Fields, store: AclStore): Token {
  const text = { Description: String(given.Description ?? ''), policies: policiesOf(given, store) };
  if (id !== '') {
    const before = store.tokens.get(id);
    if (before === undefined) throw new ConsulError(500, `Cannot find token "${id}"`);
    const secret = given.SecretID;
    if (secret !== undefined && secret !== '' && secret !== before.SecretID) {
      throw new ConsulError(500, 'Changing a tokens SecretID is not permitted');
    }
    return store.writeToken({ AccessorID: id, SecretID: before.SecretID, ...text });
  }
  const accessor = String(given.AccessorID ?? '') || randomUUID();
  const secret = String(given.SecretID ?? '') || randomUUID();
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(accessor)) {
    throw new ConsulError(
      500,
      'Failed acl token lookup by accessor: failed acl token lookup: index error: UUID must be 36 characters',
    );
  }
  if (store.tokens.has(accessor)) throw new ConsulError(500, 'Invalid Token: AccessorID is already in use');
  if ([...store.tokens.values()].some(({ SecretID }) => SecretID === secret)) {
    throw new ConsulError(500, 'Invalid Token: SecretID is already in use');
  }
  return store.writeToken({ AccessorID: accessor, SecretID: secret, ...text });
}

/** Policies are named by id or by name; a token keeps ids. */
function policiesOf({ Policies }: Fields, store: AclStore): string[] {
  const links = Array.isArray(Policies) ? Policies : [];
  return links.map((link: unknown) => {
    const { ID, Name } = isFields(link) ? link : {};
    const policy = ID === undefined ? policyNamed(String(Name ?? ''), store) : store.policies.get(String(ID));
    if (policy !== undefined) return policy.ID;
    throw new ConsulError(500, `No such ACL policy with ${ID === undefined ? `name "${Name}"` : `ID "${ID}"`}`);
  });
}

const policyNamed = (name: string, store: AclStore) =>
  [...store.policies.values()].find((policy) => policy.Name === name);

function tokenJson({ policies, ...token }: Token, store: AclStore): object {
  const links = policies.flatMap((id) => {
    const policy = store.policies.get(id);
    return policy === undefined ? [] : [{ ID: id, Name: policy.Name }];
  });
  return { ...token, ...(links.length > 0 && { Policies: links }), Local: false };
}

function withoutSecret(token: Token, store: AclStore): object {
  const { SecretID, ...rest } = { SecretID: '', ...tokenJson(token, store) };
  return rest;
}

function withoutRules({ Rules, ...policy }: Policy): object {
  return { ...policy, Datacenters: null };
}

function sorted<Key extends string, Item extends Readonly<Record<Key, string>>>(items: Item[], key: Key): Item[] {
  return items.sort((one, other) => (one[key] < other[key] ? -1 : 1));
}

function fieldsOf(request: Incoming): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body.toString('utf8'));
  } catch (error) {
    throw new ConsulError(400, `Request decode failed: ${error instanceof Error ? error.message : error}`);
  }
  if (!isFields(parsed)) throw new ConsulError(400, 'Request decode failed: an object is expected');
  return parsed;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function only(request: Incoming, method: string): void {
  if (request.method !== method) throw notAllowed(request, `OPTIONS,${method}`);
}

function notAllowed({ method }: Incoming, allow: string): ConsulError {
  return new ConsulError(405, `method ${method} not allowed`, { allow });
}
