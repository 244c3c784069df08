/** Asks whether the caller may do what a request wants. */
import type { Attributes, Authorizer } from '../authorization.ts';
import { StatusError } from '../errors.ts';
import { authenticated, type Identity } from '../identity.ts';
import type { ResourceRoute } from '../router.ts';
import { type Call, isTrue } from './call.ts';

export function attributesOf(call: Pick<Call, 'request' | 'query'>, route: ResourceRoute): Attributes {
  const { kind, namespace, name, subresource } = route;
  const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`;
  // A namespace is in itself, so that whoever rules in it may look at it.
  const inside = kind.group === '' && kind.plural === 'namespaces' ? name : namespace;
  return { verb: verbOf(call, route), group: kind.group, resource, namespace: inside, name };
}

function verbOf({ request, query }: Pick<Call, 'request' | 'query'>, route: ResourceRoute): string {
  switch (request.method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return route.name === undefined ? 'deletecollection' : 'delete';
    default:
      if (route.watch || (route.name === undefined && isTrue(query.get('watch')))) return 'watch';
      return route.name === undefined ? 'list' : 'get';
  }
}

/** Throws 403 in the real server's words. */
export function authorize(authorizer: Authorizer, who: Identity, what: Attributes): void {
  const { allowed, reason } = authorizer.decide(who, what);
  if (allowed) return;
  const because = reason === '' ? '' : `: ${reason}`;
  if (what.resource === undefined) {
    const message = `forbidden: User ${JSON.stringify(who.name)} cannot ${what.verb} path ${JSON.stringify(what.path)}${because}`;
    throw new StatusError(403, 'Forbidden', message, {});
  }
  const group = what.group ?? '';
  const [plural = ''] = what.resource.split('/');
  const qualified = group === '' ? plural : `${plural}.${group}`;
  const about = what.name === undefined ? qualified : `${qualified} ${JSON.stringify(what.name)}`;
  const where =
    what.namespace === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(what.namespace)}`;
  throw new StatusError(
    403,
    'Forbidden',
    `${about} is forbidden: User ${JSON.stringify(who.name)} cannot ${what.verb} resource ${JSON.stringify(what.resource)} in API group ${JSON.stringify(group)} ${where}${because}`,
    { ...(what.name === undefined ? {} : { name: what.name }), ...(group === '' ? {} : { group }), kind: plural },
  );
}

/** Whom the caller wants to be (`kubectl --as`); throws 403 unless the caller may. */
export function impersonated(call: Pick<Call, 'request'>, who: Identity, authorizer: Authorizer): Identity {
  const { headers } = call.request;
  const name = headers['impersonate-user'];
  if (typeof name !== 'string' || name === '') return who;
  const groups = (typeof headers['impersonate-group'] === 'string' ? headers['impersonate-group'] : '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  authorize(authorizer, who, { verb: 'impersonate', group: '', resource: 'users', name });
  for (const group of groups)
    authorize(authorizer, who, { verb: 'impersonate', group: '', resource: 'groups', name: group });
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name);
  const own = account === null ? [] : ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`];
  return authenticated(name, [...groups, ...own]);
}
