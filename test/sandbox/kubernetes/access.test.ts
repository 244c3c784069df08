import { request } from 'node:https';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Answered, type Cluster, startCluster } from './support.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const PODS = '/api/v1/namespaces/default/pods';

const users = [
  { name: 'dev', token: 'dev-token', groups: ['developers'] },
  { name: 'guest', token: 'guest-token' },
];

const as = (token: string) => ({ authorization: `Bearer ${token}` });

/** `developers` may look at pods in the namespace default, and at `settings` alone of the config maps. */
async function startGuarded(): Promise<Cluster> {
  const cluster = await startCluster({ authorization: 'RBAC', users });
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const rules = [
    { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'], verbs: ['get'] },
  ];
  const roles = `${RBAC}/namespaces/default/roles`;
  await cluster.post(roles, { apiVersion, kind: 'Role', metadata: { name: 'reader' }, rules });
  await cluster.post(`${RBAC}/namespaces/default/rolebindings`, {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name: 'developers-read' },
    roleRef: { kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'Group', name: 'developers' }],
  });
  return cluster;
}

const status = async (cluster: Cluster, method: string, path: string, token: string, body?: unknown) =>
  (await cluster.call(method, path, body, as(token))).status;

describe('authorisation by roles', () => {
  it('allows what a role of one of the groups says, and nothing else', async () => {
    const cluster = await startGuarded();
    expect(await status(cluster, 'GET', PODS, 'dev-token')).toBe(200);
    expect(await status(cluster, 'GET', PODS, 'guest-token')).toBe(403);
    expect(await status(cluster, 'GET', '/api/v1/pods', 'dev-token')).toBe(403);
    expect(await status(cluster, 'GET', '/api/v1/namespaces/kube-system/pods', 'dev-token')).toBe(403);
    expect(await status(cluster, 'DELETE', `${PODS}/none`, 'dev-token')).toBe(403);
    expect(await status(cluster, 'GET', `${PODS}/none`, 'dev-token')).toBe(404);
    expect(await status(cluster, 'GET', `${PODS}/none/exec`, 'dev-token')).toBe(403);
    expect(await status(cluster, 'GET', '/api/v1/namespaces/default/configmaps/settings', 'dev-token')).toBe(404);
    expect(await status(cluster, 'GET', '/api/v1/namespaces/default/configmaps/others', 'dev-token')).toBe(403);
  });

  it('says who may not do what where', async () => {
    const cluster = await startGuarded();
    const { body } = await cluster.call('GET', '/api/v1/nodes', undefined, as('dev-token'));
    expect(body).toMatchObject({
      reason: 'Forbidden',
      message: 'nodes is forbidden: User "dev" cannot list resource "nodes" in API group "" at the cluster scope',
      details: { kind: 'nodes' },
    });
    const path = await cluster.call('GET', '/metrics', undefined, as('dev-token'));
    expect(path.body.message).toBe('forbidden: User "dev" cannot get path "/metrics"');
  });

  it('lets everybody who is known discover what there is', async () => {
    const cluster = await startGuarded();
    for (const path of ['/api', '/apis', '/openapi/v3', '/apis/apps/v1']) {
      expect(await status(cluster, 'GET', path, 'guest-token')).toBe(200);
    }
  });

  it('holds the moment a binding is gone', async () => {
    const cluster = await startGuarded();
    await cluster.delete(`${RBAC}/namespaces/default/rolebindings/developers-read`);
    expect(await status(cluster, 'GET', PODS, 'dev-token')).toBe(403);
  });

  it('lets only those impersonate who may', async () => {
    const cluster = await startGuarded();
    const headers = { 'impersonate-user': 'dev', 'impersonate-group': 'developers' };
    expect((await cluster.get(PODS, headers)).status).toBe(200);
    expect((await cluster.get('/api/v1/nodes', headers)).status).toBe(403);
    const refused = await cluster.call('GET', PODS, undefined, { ...as('guest-token'), ...headers });
    expect(refused.body.message).toContain('User "guest" cannot impersonate resource "users"');
  });

  it.each([
    ['SelfSubjectAccessReview', 'dev-token', { verb: 'list', resource: 'pods', namespace: 'default' }, true],
    ['SelfSubjectAccessReview', 'dev-token', { verb: 'delete', resource: 'pods', namespace: 'default' }, false],
    ['SelfSubjectAccessReview', 'guest-token', { verb: 'list', resource: 'pods', namespace: 'default' }, false],
  ])('answers a %s of %s about %j', async (kind, token, resourceAttributes, allowed) => {
    const cluster = await startGuarded();
    const review = { apiVersion: 'authorization.k8s.io/v1', kind, spec: { resourceAttributes } };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const answer = await cluster.call('POST', path, review, as(token));
    expect([answer.status, answer.body.status.allowed]).toEqual([201, allowed]);
  });

  it('answers what somebody else may do, and keeps no review', async () => {
    const cluster = await startGuarded();
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const resourceAttributes = { verb: 'get', resource: 'pods', subresource: 'log', namespace: 'default' };
    const spec = { user: 'anybody', groups: ['developers'], resourceAttributes };
    const { body } = await cluster.post(path, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec,
    });
    expect(body.status).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "developers-read/default" of Role "reader" to Group "developers"',
    });
    expect((await cluster.get(path)).status).toBe(405);
  });
});

describe('a service account’s token', () => {
  const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
  const wanted = (spec: Answered = {}) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });

  it('is the account’s, until it ends or the account does', async () => {
    let now = Date.now();
    const cluster = await startCluster({ clock: { now: () => now } });
    const { token } = (await cluster.post(`${ACCOUNTS}/default/token`, wanted({ expirationSeconds: 600 }))).body.status;
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const who = await cluster.call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review, as(token));
    expect(who.body.status.userInfo).toMatchObject({
      username: 'system:serviceaccount:default:default',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
    now += 601_000;
    expect(await status(cluster, 'GET', PODS, token)).toBe(401);
    const again = (await cluster.post(`${ACCOUNTS}/default/token`, wanted())).body.status.token;
    expect(await status(cluster, 'GET', PODS, again)).toBe(200);
    await cluster.delete(`${ACCOUNTS}/default`);
    expect(await status(cluster, 'GET', PODS, again)).toBe(401);
  });

  it('cannot be made up, nor be shorter than ten minutes', async () => {
    const cluster = await startCluster();
    const { token } = (await cluster.post(`${ACCOUNTS}/default/token`, wanted())).body.status;
    const [header, payload, signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    claims['kubernetes.io'].serviceaccount.name = 'admin';
    const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
    expect(await status(cluster, 'GET', PODS, `${header}.${forged}.${signature}`)).toBe(401);
    expect((await cluster.post(`${ACCOUNTS}/default/token`, wanted({ expirationSeconds: 60 }))).status).toBe(422);
  });
});

describe('a client certificate', () => {
  it('is whom it names, in the groups it names', async () => {
    const { sandbox } = await startGuarded();
    const { certificate, key } = sandbox.clientCertificate('ann', ['developers', 'testers']);
    const config = parse(sandbox.kubeconfig);
    const ca = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64');
    const ask = (method: string, path: string, body?: unknown) =>
      new Promise<{ status: number | undefined; body: Answered }>((resolve, reject) => {
        const options = { method, ca, cert: certificate, key, headers: { 'content-type': 'application/json' } };
        const sent = request(sandbox.url.replace('http:', 'https:') + path, options, (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
        });
        sent.on('error', reject);
        sent.end(body === undefined ? undefined : JSON.stringify(body));
      });
    expect((await ask('GET', PODS)).status).toBe(200);
    expect((await ask('GET', '/api/v1/nodes')).status).toBe(403);
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const who = await ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review);
    expect(who.body.status.userInfo).toEqual({
      username: 'ann',
      groups: ['developers', 'testers', 'system:authenticated'],
    });
  });

  it('of another authority is nobody’s', async () => {
    const [one, other] = [await startCluster(), await startCluster()];
    const { certificate, key } = other.sandbox.clientCertificate('ann', ['system:masters']);
    const status = await new Promise((resolve, reject) => {
      const options = { cert: certificate, key, rejectUnauthorized: false };
      request(one.sandbox.url.replace('http:', 'https:') + PODS, options, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  });
});
