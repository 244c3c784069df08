/** The kinds that are questions: they are posted, answered in their status, and not kept. */
import type { Authenticator } from '../authentication.ts';
import type { Attributes, Authorizer } from '../authorization.ts';
import { AUTHENTICATED, type Identity } from '../identity.ts';
import { isMap, type Json, type JsonMap, listAt, mapAt, stringAt } from '../json.ts';
import { decodeObject } from '../objects/decode.ts';
import type { KubeObject } from '../objects.ts';
import type { ResourceRoute } from '../router.ts';
import { type Call, readObject } from './call.ts';
import { sendObject } from './respond.ts';

export interface Reviewers {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
}

const REVIEWS = new Set(['authorization.k8s.io', 'authentication.k8s.io']);

export function isReview(route: ResourceRoute): boolean {
  return REVIEWS.has(route.kind.group);
}

export async function answerReview(call: Call, route: ResourceRoute, reviewers: Reviewers): Promise<void> {
  const review = decodeObject(route.kind, await readObject(call));
  const { creationTimestamp: _none, ...metadata } = review.metadata;
  sendObject(call, 201, route.kind, { ...review, metadata, status: statusOf(call, review, reviewers) });
}

function statusOf(call: Call, review: KubeObject, { authenticator, authorizer }: Reviewers): JsonMap {
  switch (review.kind) {
    case 'SelfSubjectReview':
      return { userInfo: userInfo(call.who) };
    case 'TokenReview': {
      const owner = authenticator.ownerOf(stringAt(review, 'spec', 'token') ?? '');
      return owner === undefined
        ? { user: {}, error: 'invalid bearer token' }
        : { authenticated: true, user: userInfo(owner), audiences: listAt(review, 'spec', 'audiences') };
    }
    case 'SelfSubjectRulesReview':
      return rulesStatus(authorizer.rulesOf(call.who, stringAt(review, 'spec', 'namespace') ?? 'default'));
    case 'SelfSubjectAccessReview':
      return decided(authorizer, call.who, review);
    default:
      return decided(authorizer, subjectOf(review), review);
  }
}

function decided(authorizer: Authorizer, who: Identity, review: KubeObject): JsonMap {
  const { allowed, reason } = authorizer.decide(who, asked(review));
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

/** Unlike a caller, a subject that is only asked about is in no group but those that are said. */
function subjectOf(review: KubeObject): Identity {
  return { name: stringAt(review, 'spec', 'user') ?? '', groups: listAt(review, 'spec', 'groups').map(String) };
}

function asked(review: KubeObject): Attributes {
  const path = mapAt(review, 'spec', 'nonResourceAttributes');
  if (path !== undefined) return { verb: stringAt(path, 'verb') ?? '', path: stringAt(path, 'path') ?? '' };
  const wanted = mapAt(review, 'spec', 'resourceAttributes');
  const subresource = stringAt(wanted, 'subresource') ?? '';
  const resource = stringAt(wanted, 'resource') ?? '';
  const namespace = stringAt(wanted, 'namespace') ?? '';
  const name = stringAt(wanted, 'name') ?? '';
  return {
    verb: stringAt(wanted, 'verb') ?? '',
    group: stringAt(wanted, 'group') ?? '',
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
  };
}

function userInfo(who: Identity): JsonMap {
  const groups = who.groups.filter((group) => group !== AUTHENTICATED);
  return {
    username: who.name,
    ...(who.uid === undefined ? {} : { uid: who.uid }),
    groups: who.groups.includes(AUTHENTICATED) ? [...groups, AUTHENTICATED] : groups,
  };
}

function rulesStatus(rules: readonly Json[]): JsonMap {
  const ofPaths = (rule: Json) => listAt(rule, 'nonResourceURLs').length > 0;
  return {
    resourceRules: rules.filter((rule) => isMap(rule) && !ofPaths(rule)),
    nonResourceRules: rules.filter(ofPaths),
    incomplete: false,
  };
}
