import { describe, expect, it } from 'vitest';
import type { RegistrySnapshot } from '../../src/packs/index.ts';
import { boundWebhooks, type WebhookCall, webhookEvent, webhooksAt } from '../../src/sensors/index.ts';
import { createTestRegistry, rule } from './support.ts';

const hook = (name: string, url: string, more: object = {}) => rule(name, 'core.st2.webhook', { url, ...more });
const call = { headers: { 'x-github-event': 'push', 'content-type': 'application/json' }, body: { a: 1 } };
const eventsOf = (registered: RegistrySnapshot, url: string, made: WebhookCall) =>
  webhooksAt(registered, url).map((bound) => webhookEvent(bound, made));
const snapshot = (...rules: Parameters<typeof createTestRegistry>[0]) => createTestRegistry(rules).snapshot();

describe('A call to a webhook', () => {
  it('is an event with the headers in both spellings, and the body', () => {
    expect(eventsOf(snapshot(hook('a', 'github')), 'github', call)).toEqual([
      {
        trigger: 'core.st2.webhook',
        parameters: { url: 'github' },
        payload: {
          headers: { 'X-Github-Event': 'push', 'Content-Type': 'application/json' },
          headers_lower: { 'x-github-event': 'push', 'content-type': 'application/json' },
          body: { a: 1 },
        },
      },
    ]);
  });

  it.each([
    ['/github/', 'github'],
    ['github', '/github'],
    ['a/b', 'a/b/'],
  ])('to %j finds the rule on %j: slashes at the ends do not count', (called, bound) => {
    expect(eventsOf(snapshot(hook('a', bound)), called, call)).toHaveLength(1);
  });

  it('keeps who called out of the payload', () => {
    const headers = {
      authorization: 'Bearer s',
      cookie: 's',
      'x-gitlab-token': 's',
      'x-auth-token': 's',
      'st2-api-key': 's',
      accept: '*/*',
    };
    const [event] = eventsOf(snapshot(hook('a', 'x')), 'x', { headers, body: {} });
    expect(event?.payload).toEqual({ headers: { Accept: '*/*' }, headers_lower: { accept: '*/*' }, body: {} });
  });

  it('is one event for rules with equal parameters, and one for each way they are written', () => {
    const rules = [hook('a', 'x'), hook('b', 'x'), hook('c', '/x')];
    expect(eventsOf(snapshot(...rules), 'x', call).map(({ parameters }) => parameters)).toEqual([
      { url: 'x' },
      { url: '/x' },
    ]);
  });

  it('is nothing where no enabled rule listens', () => {
    const rules = [{ ...hook('a', 'x'), enabled: false }, rule('b', 'other.hook', { url: 'x' }), hook('c', 'y')];
    expect(eventsOf(snapshot(...rules), 'x', call)).toEqual([]);
  });

  it('carries the trace tag of its header', () => {
    const headers = { 'st2-trace-tag': 'order-7' };
    expect(eventsOf(snapshot(hook('a', 'x')), 'x', { headers, body: {} })[0]?.traceTag).toBe('order-7');
  });

  it('without a body has an empty one', () => {
    expect(eventsOf(snapshot(hook('a', 'x')), 'x', { headers: {}, body: undefined })[0]?.payload.body).toEqual({});
  });
});

it('All bound webhooks are known by their url', () => {
  expect(boundWebhooks(snapshot(hook('a', '/x/'), hook('b', 'y'))).map(({ url }) => url)).toEqual(['x', 'y']);
});
