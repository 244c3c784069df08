import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Handler, Incoming } from './loopback.ts';

/** Which requests a fault hits, and for how long. Without `count` and `seconds`: the next one. */
export interface FaultScope {
  /**
   * Only requests whose action starts with this. RDS: the API's name, e.g. `CreateDBInstance`. Consul and Vault: method and path,
   * e.g. `PUT /v1/kv/` or `GET`.
   */
  readonly action?: string;
  readonly count?: number;
  readonly seconds?: number;
}

export interface Failure extends FaultScope {
  readonly status: number;
  /** The protocol's error code, where it has codes. */
  readonly code?: string;
  readonly message?: string;
}

/**
 * How often things go wrong, each as a share of requests from 0 to 1; together at most 1. Default 0. The same seed and the same requests
 * in the same order give the same trouble.
 */
export interface FaultRates {
  /** Default 1. */
  readonly seed?: number;
  /** Refused because there are too many requests. */
  readonly throttled?: number;
  /** 503. */
  readonly unavailable?: number;
  /** The connection is cut before anything is done. */
  readonly cut?: number;
  /** What was asked is done, and then the connection is cut. */
  readonly lost?: number;
  /** What was asked is done, and the answer takes its time. */
  readonly slow?: number;
  /** Milliseconds that a slow answer takes. Default 500. */
  readonly slowness?: number;
}

/** Trouble to order, for trying out what a client does about it. Faults are looked at in the order they were asked for. */
export interface Faults {
  /** Answers with an error instead of doing what was asked. */
  fail(failure: Failure): void;
  /** Does what was asked and then cuts the connection: the caller cannot know whether it happened. */
  loseAnswers(scope?: FaultScope): void;
  /** Cuts the connection instead of doing what was asked. */
  cut(scope?: FaultScope): void;
  /** Does what was asked and answers late. */
  delay(milliseconds: number, scope?: FaultScope): void;
  /** Trouble at random from now on, for requests that no other fault hits. Replaces what was set before. */
  setRates(rates: FaultRates): void;
  /** Ends all faults, random ones too. */
  clear(): void;
}

type Effect =
  | { readonly kind: 'fail'; readonly failure: Failure }
  | { readonly kind: 'cut' | 'lose' }
  | { readonly kind: 'delay'; readonly milliseconds: number };

interface Planned {
  readonly scope: FaultScope;
  readonly effect: Effect;
  left: number;
  readonly until: number;
}

/**
 * A handler with faults in front of it. `actionOf` names what a request asks for; `failed` writes a failure in the protocol's way;
 * `throttled` is what is said when there are too many requests.
 */
export function withFaults(
  handle: Handler,
  actionOf: (request: Incoming) => string,
  failed: (failure: Failure) => Answer,
  clock: () => number = Date.now,
  throttled: Failure = { status: 429 },
): { handle: Handler; faults: Faults } {
  let planned: Planned[] = [];
  let chance: (() => Effect | undefined) | undefined;
  function plan(scope: FaultScope, effect: Effect): void {
    const left = scope.count ?? (scope.seconds === undefined ? 1 : Number.POSITIVE_INFINITY);
    const until = scope.seconds === undefined ? Number.POSITIVE_INFINITY : clock() + scope.seconds * 1000;
    planned.push({ scope, left, until, effect });
  }
  function take(action: string): Effect | undefined {
    const now = clock();
    planned = planned.filter((fault) => fault.left > 0 && fault.until > now);
    const hit = planned.find((fault) => action.startsWith(fault.scope.action ?? ''));
    if (hit === undefined) return chance?.();
    hit.left -= 1;
    return hit.effect;
  }
  return {
    async handle(request) {
      const effect = take(actionOf(request));
      if (effect?.kind === 'fail') return failed(effect.failure);
      if (effect?.kind === 'cut') return 'cut';
      const answer = await handle(request);
      if (effect?.kind === 'delay')
        await sleep(effect.milliseconds, undefined, { signal: request.signal }).catch(() => {});
      return effect?.kind === 'lose' ? 'cut' : answer;
    },
    faults: {
      fail: (failure) => plan(failure, { kind: 'fail', failure }),
      loseAnswers: (scope = {}) => plan(scope, { kind: 'lose' }),
      cut: (scope = {}) => plan(scope, { kind: 'cut' }),
      delay: (milliseconds, scope = {}) => plan(scope, { kind: 'delay', milliseconds }),
      setRates(rates) {
        chance = chanceOf(rates, throttled);
      },
      clear() {
        planned = [];
        chance = undefined;
      },
    },
  };
}

function chanceOf(rates: FaultRates, throttled: Failure): () => Effect | undefined {
  const effects: readonly (readonly [number | undefined, Effect])[] = [
    [rates.throttled, { kind: 'fail', failure: throttled }],
    [rates.unavailable, { kind: 'fail', failure: { status: 503 } }],
    [rates.cut, { kind: 'cut' }],
    [rates.lost, { kind: 'lose' }],
    [rates.slow, { kind: 'delay', milliseconds: rates.slowness ?? 500 }],
  ];
  const random = seeded(rates.seed ?? 1);
  return () => {
    let left = random();
    for (const [share = 0, effect] of effects) {
      if (left < share) return effect;
      left -= share;
    }
    return undefined;
  };
}

/** Numbers from 0 up to, not including, 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How Consul's and Vault's requests are named to faults. */
export function methodAndPath(request: Incoming): string {
  return `${request.method} ${request.path}`;
}
