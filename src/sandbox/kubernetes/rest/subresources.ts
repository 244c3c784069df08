/** Subresources that are deeds: a pod's eviction, a service account's token. */
import { resourceOf } from '../api.ts';
import type { Authenticator } from '../authentication.ts';
import { podsAllowed } from '../controllers/disruption.ts';
import { badRequest, StatusError } from '../errors.ts';
import { mapAt, valueAt } from '../json.ts';
import { typedKind } from '../kinds/define.ts';
import { decodeObject } from '../objects/decode.ts';
import { decodeDeleteOptions, deleteObject } from '../objects/delete.ts';
import { findObject } from '../objects/update.ts';
import { timestamp } from '../objects.ts';
import type { ResourceRoute } from '../router.ts';
import { type Call, readObject, writeOptions } from './call.ts';
import { send, sendObject } from './respond.ts';

/** POST to a subresource. Throws 404 for one the kind does not have. */
export async function createSubresource(call: Call, route: ResourceRoute, authenticator: Authenticator): Promise<void> {
  const name = `${route.kind.group === '' ? route.kind.plural : ''}/${route.subresource ?? ''}`;
  if (name === 'pods/eviction') return evict(call, route);
  if (name === 'serviceaccounts/token') return issueToken(call, route, authenticator);
  throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

const eviction = typedKind('policy', 'v1', 'Eviction');

async function evict(call: Call, route: ResourceRoute): Promise<void> {
  const body = decodeObject(eviction, await readObject(call));
  const { kind, namespace, name = '' } = route;
  if (body.metadata.name !== '' && body.metadata.name !== name) {
    throw badRequest(
      `name in URL does not match name in Eviction object: ${name} does not match ${body.metadata.name}`,
    );
  }
  const pod = findObject(call.api, kind, namespace, name);
  const budget = podsAllowed(call.api, pod);
  if (budget !== undefined && budget.allowed < 1) {
    throw new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${budget.name} needs ${budget.desired} healthy pods and has ${budget.healthy} currently`,
        },
      ],
    });
  }
  const options = decodeDeleteOptions(mapAt(body, 'deleteOptions') ?? {}, call.query);
  deleteObject(call.api, kind, namespace, name, { ...options, dryRun: options.dryRun || writeOptions(call).dryRun });
  send(call, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

const tokenRequest = typedKind('authentication.k8s.io', 'v1', 'TokenRequest');

/** Shorter ones the real server refuses. */
const SHORTEST = 600;

async function issueToken(call: Call, route: ResourceRoute, authenticator: Authenticator): Promise<void> {
  const body = decodeObject(tokenRequest, await readObject(call));
  const { kind, namespace = '', name = '' } = route;
  const account = findObject(call.api, kind, namespace, name);
  const asked = valueAt(body, 'spec', 'expirationSeconds') ?? 3600;
  if (typeof asked !== 'number' || asked < SHORTEST) {
    const words =
      'spec.expirationSeconds: Invalid value: ' +
      JSON.stringify(asked) +
      ': may not specify a duration less than 10 minutes';
    throw new StatusError(422, 'Invalid', `TokenRequest.authentication.k8s.io "" is invalid: ${words}`, {
      ...resourceOf(kind),
      kind: 'TokenRequest',
    });
  }
  const { token, expires } = authenticator.issue(namespace, name, account.metadata.uid ?? '', asked);
  sendObject(call, 201, tokenRequest, {
    ...body,
    metadata: { name, namespace, creationTimestamp: timestamp(call.api.now()) },
    spec: { audiences: ['https://kubernetes.default.svc'], ...mapAt(body, 'spec'), expirationSeconds: asked },
    status: { token, expirationTimestamp: timestamp(expires) },
  });
}
