import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { JsonObject } from '../../src/model/index.ts';
import { type FuzzedRequest, requestArbitrary } from './requests.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

/** Milliseconds after which a request counts as hanging. */
const PATIENCE = 15_000;
/** Of the heap in the second half of many requests, when every cache is full; bytes. */
const MOST_GROWTH = 40 * 1024 * 1024;
/** So many requests fill them. */
const MANY = 10_000;

/** A server with something of everything, and what can be named in it. */
export async function openFuzzedHouse(): Promise<{ house: House; known: readonly string[] }> {
  const house = await openHouse({
    'shop/pack.yaml': MANIFEST('shop'),
    'shop/triggers/order.yaml': 'name: order\n',
    'shop/actions/nothing.yaml': 'name: nothing\nrunner_type: noop\nparameters: {text: {type: string}}\n',
    'shop/rules/rule.yaml':
      'name: rule\nenabled: true\ntrigger: {type: shop.order}\ncriteria: {}\naction: {ref: shop.nothing, parameters: {text: "{{ trigger.item }}"}}\n',
    'shop/rules/hook.yaml':
      'name: hook\nenabled: true\ntrigger: {type: core.st2.webhook, parameters: {url: hook}}\naction: {ref: shop.nothing}\n',
    'shop/policies/policy.yaml':
      'name: policy\nresource_ref: shop.nothing\npolicy_type: action.concurrency\nparameters: {threshold: 5}\n',
    'shop/config.schema.yaml': 'region: {type: string}\nsecret: {type: string, secret: true}\n',
  });
  const { id } = await house.run('core.noop');
  const { body: event } = await house.ask('POST', '/webhooks/st2', { trigger: 'shop.order', payload: { item: 'x' } });
  const [enforcement] = (await house.ask('GET', '/ruleenforcements')).list;
  await house.ask('PUT', '/keys/key', { value: 'x' });
  const names = [
    'core.noop',
    'shop.nothing',
    'shop.rule',
    'shop.policy',
    'shop.order',
    'shop',
    'key',
    'noop',
    'last',
    'action.retry',
  ];
  return {
    house,
    known: [
      ...names,
      ...[id, event.trigger_instance, enforcement?.id].map(String),
      'status',
      'api',
      'orquesta',
      'name',
      'other',
      'fresh',
      ...['hook', 'admin', 'observer', 'ann'],
    ],
  };
}

/**
 * Sends requests made from the server's own OpenAPI document. None may be answered with an error of the server, or not at all, or with
 * what the document does not know. Throws with the smallest request that is.
 */
export async function fuzzApi(
  house: House,
  known: readonly string[],
  runs: { numRuns: number; seed?: number },
): Promise<Map<number, number>> {
  const { url, token } = house.server();
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as JsonObject; // an OpenAPI document
  const statuses = new Map<number, number>();
  let sent = 0;
  let halfway = Number.POSITIVE_INFINITY;
  await fc.assert(
    fc.asyncProperty(requestArbitrary(house.contract, document, known), async (request) => {
      sent += 1;
      if (sent === Math.floor(runs.numRuns / 2) && runs.numRuns >= MANY) halfway = heapInUse();
      const { status, problem } = await send(request);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (problem !== undefined) throw new Error(problem);
    }),
    { ...runs, endOnFailure: false },
  );
  const growth = runs.numRuns < MANY ? 0 : heapInUse() - halfway;
  if (growth > MOST_GROWTH) throw new Error(`The heap has grown by ${Math.round(growth / 1024 / 1024)} MB.`);
  return statuses;

  async function send({ method, path, headers, body }: FuzzedRequest): Promise<{ status: number; problem?: string }> {
    // As it is sent: dots in a path lead elsewhere before anybody sees them.
    const at = new URL(url + path);
    const response = await fetch(at, {
      method,
      headers: { 'x-auth-token': token, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    const { status } = response;
    // Without a cluster, resources are unavailable; that is said in so many words.
    if (status >= 500 && status !== 503) return { status, problem: `${status} ${text}` };
    const isJson = (response.headers.get('content-type') ?? '').includes('json') && text !== '';
    const answer = { status, body: isJson ? (JSON.parse(text) as unknown) : undefined, headers: response.headers };
    // Of any route: the address leads elsewhere, or is too long.
    const problem =
      (status === 404 && text.includes('no route')) || status === 414
        ? undefined
        : house.contract.problem(method, at.pathname + at.search, answer);
    return problem === undefined ? { status } : { status, problem };
  }
}

/** Without what is garbage. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** `npm run fuzz:api`; answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const option = (name: string) => args[args.indexOf(`--${name}`) + 1];
  const cases = args.includes('--cases') ? Number(option('cases')) : 20_000;
  const seed = args.includes('--seed') ? Number(option('seed')) : undefined;
  if (!Number.isSafeInteger(cases) || cases < 1 || (seed !== undefined && !Number.isSafeInteger(seed))) {
    console.error('Usage: npm run fuzz:api -- [--cases N] [--seed N]');
    return 2;
  }
  const { house, known } = await openFuzzedHouse();
  const start = performance.now();
  try {
    const statuses = await fuzzApi(house, known, { numRuns: cases, ...(seed !== undefined && { seed }) });
    const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} x ${status}`);
    const seconds = (performance.now() - start) / 1000;
    console.log(`ok: ${cases} requests in ${seconds.toFixed(0)} s: ${counts.join(', ')}`);
    return 0;
  } catch (error) {
    const { message = String(error), cause } = error instanceof Error ? error : {};
    console.error(`FAILED: ${message}\n${String(cause ?? '')}`);
    return 1;
  } finally {
    await house.stop();
  }
}
