import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BusyCluster } from './watch-cluster.ts';

/** What Petrel asks and the writers do not, so that only Petrel suffers. */
const isRead = ({ method, url }: IncomingMessage) => method === 'GET' && url?.includes('/widgets') === true;
const isList = (request: IncomingMessage) =>
  isRead(request) && (request.url?.includes('watch=true') !== true || request.url.includes('sendInitialEvents'));
const isStreamedList = (request: IncomingMessage) =>
  isRead(request) && request.url?.includes('sendInitialEvents') === true;

type Fault = (cluster: BusyCluster, random: () => number) => Promise<void> | void;

const refusing =
  (status: number, retryAfter?: number): Fault =>
  ({ sandbox: { faults } }, random) => {
    const count = 1 + Math.floor(random() * 3);
    faults.refuse({ status, count, matching: isRead, ...(retryAfter === undefined ? {} : { retryAfter }) });
    faults.closeWatches();
  };

const slowing =
  (matching: (request: IncomingMessage) => boolean): Fault =>
  async ({ sandbox: { faults } }, random) => {
    const release = faults.hang({ matching });
    faults.closeWatches();
    await sleep(20 + random() * 400);
    release();
  };

const restarting =
  (compacts: boolean): Fault =>
  (cluster, random) =>
    cluster.exclusively(async () => {
      const { faults } = cluster.sandbox;
      await faults.stop();
      await sleep(random() * 200);
      if (compacts) faults.compact();
      await faults.start();
    });

/** Bad days on which the API server forgets nothing: no change may be missed. */
export const HARMLESS: Readonly<Record<string, Fault>> = {
  reset: ({ sandbox: { faults } }) => void faults.closeWatches(),
  halfOpen: ({ sandbox: { faults } }) => void faults.muteWatches(),
  tooMany: refusing(429),
  retryAfter: refusing(429, 1),
  error: refusing(500),
  unavailable: refusing(503),
  empty({ sandbox: { faults } }, random) {
    faults.emptyWatches(1 + Math.floor(random() * 3));
    faults.closeWatches();
  },
  bookmarks: ({ sandbox: { faults } }) => void faults.disorderBookmarks(),
  slow: slowing(isRead),
  restart: restarting(false),
};

/** Days on which it forgets: only a list helps, which has its own troubles. */
export const LOSSY: Readonly<Record<string, Fault>> = {
  ...HARMLESS,
  expire: ({ sandbox: { faults } }) => void faults.expireOpenWatches(),
  gone: refusing(410),
  compact({ sandbox: { faults } }) {
    faults.closeWatches();
    faults.compact();
  },
  restartAndCompact: restarting(true),
  slowList: async (cluster, random) => {
    cluster.sandbox.faults.expireOpenWatches();
    await slowing(isList)(cluster, random);
  },
  refusedList({ sandbox: { faults } }) {
    faults.refuse({ status: 500, count: 2, matching: isList });
    faults.expireOpenWatches();
  },
  noStreams({ sandbox: { faults } }) {
    faults.refuse({ status: 422, matching: isStreamedList });
    faults.expireOpenWatches();
  },
};
