import { setTimeout as sleep } from 'node:timers/promises';
import { type Programs, startApiServer } from '../real/kube-apiserver.ts';
import { startProxy, type Wires } from './proxy.ts';
import type { BadServer, Fault } from './watch-faults.ts';

/** Watches that do not say when they want to end do so after 3 s. */
const ALWAYS = ['--min-request-timeout=3'];
/** Etcd keeps all history, and there is no watch cache, which after a restart would know none. */
const REMEMBERS = [...ALWAYS, '--etcd-compaction-interval=0', '--watch-cache=false'];
/** What is older than 4 s is gone. */
const FORGETS = [...ALWAYS, '--etcd-compaction-interval=2s', '--watch-cache=false'];
const FORGETS_WITH_CACHE = [...ALWAYS, '--etcd-compaction-interval=2s'];

/**
 * A real API server. It does not misbehave on demand: it is killed and started again on the same etcd, and there is a proxy between it
 * and Petrel. History is lost as it is in a cluster: etcd is compacted, or the watch cache of a new API server begins later than the cursor.
 */
export async function startBadApiServer(programs: Programs): Promise<BadServer> {
  const server = await startApiServer(programs, REMEMBERS);
  const proxy = await startProxy(Number(new URL(server.url).port));
  let forgetting = false;

  const restarting =
    (...flags: readonly (readonly string[])[]): Fault =>
    (cluster, random) =>
      cluster.exclusively(() => server.restart(flags[Math.floor(random() * flags.length)] ?? []));
  const harmless: Record<string, Fault> = {
    ...wireFaults(proxy),
    restart: restarting(REMEMBERS),
  };
  const lossy: Record<string, Fault> = {
    ...wireFaults(proxy),
    restart: restarting(FORGETS, FORGETS_WITH_CACHE),
    /** The watch cache of the new API server knows nothing of what Petrel did not see. */
    async restartUnseen(cluster, random) {
      const accept = proxy.refuse();
      await sleep(100 + random() * 400);
      await restarting(FORGETS_WITH_CACHE)(cluster, random);
      accept();
    },
    /** Away for so long that etcd has forgotten. */
    async away(_cluster, random) {
      const accept = proxy.refuse();
      await sleep(4000 + random() * 3000);
      accept();
    },
  };
  return {
    url: server.url,
    petrelUrl: `https://127.0.0.1:${proxy.port}`,
    token: server.token,
    authority: server.authority,
    silence: 3000,
    harmless,
    lossy,
    async forgets(history) {
      if (history === forgetting) return;
      forgetting = history;
      await server.restart(history ? FORGETS : REMEMBERS);
    },
    async close() {
      await proxy.close();
      await server.stop();
    },
  };
}

function wireFaults(proxy: Wires): Readonly<Record<string, Fault>> {
  return {
    reset: () => proxy.reset(),
    halfOpen: () => void proxy.stall(),
    async slow(_cluster, random) {
      const go = proxy.stall();
      await sleep(20 + random() * 400);
      go();
    },
    async unreachable(_cluster, random) {
      const accept = proxy.refuse();
      await sleep(20 + random() * 400);
      accept();
    },
  };
}
