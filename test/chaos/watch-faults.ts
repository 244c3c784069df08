import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';
import type { BusyCluster } from './watch-cluster.ts';

/** What Petrel asks and the writers do not, so that only Petrel suffers. */
const isRead = ({ method, url }: IncomingMessage) => method === 'GET' && url?.includes('/widgets') === true;
const isList = (request: IncomingMessage) =>
  isRead(request) && (request.url?.includes('watch=true') !== true || request.url.includes('sendInitialEvents'));
const isStreamedList = (request: IncomingMessage) =>
  isRead(request) && request.url?.includes('sendInitialEvents') === true;

export type Fault = (cluster: BusyCluster, random: () => number) => Promise<void> | void;

/** An API server that has bad days. */
export interface BadServer {
  /** What the writers use. */
  readonly url: string;
  /** What Petrel uses. */
  readonly petrelUrl: string;
  readonly token: string;
  /** PEM file. */
  readonly authority?: string;
  /** Milliseconds after which a watch that had bookmarks and falls silent is dead. */
  readonly silence: number;
  /** Bad days on which the API server forgets nothing: no change may be missed. */
  readonly harmless: Readonly<Record<string, Fault>>;
  /** Days on which it forgets: only a list helps, which has its own troubles. */
  readonly lossy: Readonly<Record<string, Fault>>;
  /** Whether it forgets from now on, which `lossy` is about; it does not in the beginning. Resolves when it serves. */
  forgets(history: boolean): Promise<void>;
  close(): Promise<void>;
}

type SandboxFault = (sandbox: KubernetesSandbox, random: () => number, cluster: BusyCluster) => Promise<void> | void;

const refusing =
  (status: number, retryAfter?: number): SandboxFault =>
  ({ faults }, random) => {
    const count = 1 + Math.floor(random() * 3);
    faults.refuse({ status, count, matching: isRead, ...(retryAfter === undefined ? {} : { retryAfter }) });
    faults.closeWatches();
  };

const slowing =
  (matching: (request: IncomingMessage) => boolean): SandboxFault =>
  async ({ faults }, random) => {
    const release = faults.hang({ matching });
    faults.closeWatches();
    await sleep(20 + random() * 400);
    release();
  };

const restarting =
  (compacts: boolean): SandboxFault =>
  ({ faults }, random, cluster) =>
    cluster.exclusively(async () => {
      await faults.stop();
      await sleep(random() * 200);
      if (compacts) faults.compact();
      await faults.start();
    });

const HARMLESS: Readonly<Record<string, SandboxFault>> = {
  reset: ({ faults }) => void faults.closeWatches(),
  halfOpen: ({ faults }) => void faults.muteWatches(),
  tooMany: refusing(429),
  retryAfter: refusing(429, 1),
  error: refusing(500),
  unavailable: refusing(503),
  empty({ faults }, random) {
    faults.emptyWatches(1 + Math.floor(random() * 3));
    faults.closeWatches();
  },
  bookmarks: ({ faults }) => void faults.disorderBookmarks(),
  slow: slowing(isRead),
  restart: restarting(false),
};

const LOSSY: Readonly<Record<string, SandboxFault>> = {
  ...HARMLESS,
  expire: ({ faults }) => void faults.expireOpenWatches(),
  gone: refusing(410),
  compact({ faults }) {
    faults.closeWatches();
    faults.compact();
  },
  restartAndCompact: restarting(true),
  slowList: async (sandbox, random, cluster) => {
    sandbox.faults.expireOpenWatches();
    await slowing(isList)(sandbox, random, cluster);
  },
  refusedList({ faults }) {
    faults.refuse({ status: 500, count: 2, matching: isList });
    faults.expireOpenWatches();
  },
  noStreams({ faults }) {
    faults.refuse({ status: 422, matching: isStreamedList });
    faults.expireOpenWatches();
  },
};

/** The sandbox, which misbehaves in every way it knows. */
export async function startBadSandbox(): Promise<BadServer> {
  const sandbox = await startKubernetesSandbox({ bookmarkSeconds: 0.1 });
  const bound = (faults: Readonly<Record<string, SandboxFault>>): Readonly<Record<string, Fault>> =>
    Object.fromEntries(
      Object.entries(faults).map(([name, fault]) => [name, (cluster, random) => fault(sandbox, random, cluster)]),
    );
  return {
    url: sandbox.url,
    petrelUrl: sandbox.url,
    token: sandbox.token,
    silence: 600,
    harmless: bound(HARMLESS),
    lossy: bound(LOSSY),
    async forgets() {},
    close: () => sandbox.close(),
  };
}
