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

/** Trouble to order, for trying out what a client does about it. Faults are looked at in the order they were asked for. */
export interface Faults {
  /** Answers with an error instead of doing what was asked. */
  fail(failure: Failure): void;
  /** Does what was asked and then cuts the connection: the caller cannot know whether it happened. */
  loseAnswers(scope?: FaultScope): void;
  /** Ends all faults. */
  clear(): void;
}

interface Planned {
  readonly scope: FaultScope;
  readonly failure?: Failure;
  left: number;
  readonly until: number;
}

/** A handler with faults in front of it. `actionOf` names what a request asks for; `failed` writes a failure in the protocol's way. */
export function withFaults(
  handle: Handler,
  actionOf: (request: Incoming) => string,
  failed: (failure: Failure) => Answer,
  clock: () => number = Date.now,
): { handle: Handler; faults: Faults } {
  let planned: Planned[] = [];
  function plan(scope: FaultScope, failure?: Failure): void {
    const left = scope.count ?? (scope.seconds === undefined ? 1 : Number.POSITIVE_INFINITY);
    const until = scope.seconds === undefined ? Number.POSITIVE_INFINITY : clock() + scope.seconds * 1000;
    planned.push({ scope, left, until, ...(failure === undefined ? {} : { failure }) });
  }
  function take(action: string): Planned | undefined {
    const now = clock();
    planned = planned.filter((fault) => fault.left > 0 && fault.until > now);
    const hit = planned.find((fault) => action.startsWith(fault.scope.action ?? ''));
    if (hit !== undefined) hit.left -= 1;
    return hit;
  }
  return {
    async handle(request) {
      const fault = take(actionOf(request));
      if (fault?.failure !== undefined) return failed(fault.failure);
      const answer = await handle(request);
      return fault === undefined ? answer : 'cut';
    },
    faults: {
      fail: (failure) => plan(failure, failure),
      loseAnswers: (scope = {}) => plan(scope),
      clear() {
        planned = [];
      },
    },
  };
}

/** How Consul's and Vault's requests are named to faults. */
export function methodAndPath(request: Incoming): string {
  return `${request.method} ${request.path}`;
}
