import { parseArgs } from 'node:util';
import { apiServerPrograms } from '../real/kube-apiserver.ts';
import { watchChaos } from './watch.ts';
import { type BadServer, startBadSandbox } from './watch-faults.ts';
import { startBadApiServer } from './watch-real.ts';

const USAGE = `Usage: npm run chaos:watch -- [--changes N] [--real]

Writes to a cluster while its API server is reset, refuses, falls silent, is slow, forgets and restarts, and Petrel is killed with SIGKILL at
random instants, and compares what Petrel handed over with what was written.

  --changes N   how many changes are written (default 10000)
  --real        to the real API server of PETREL_REAL_KUBE_APISERVER and PETREL_REAL_ETCD (scripts/real-kubernetes.sh builds one) instead
                of the sandbox

Exit code 0 when every change that must be seen was handled once and none was invented, 1 when not, 2 for wrong use.`;

/** Runs the command; answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let changes: number;
  let start = startBadSandbox;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { changes: { type: 'string', default: '10000' }, real: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help === true) {
      console.log(USAGE);
      return 0;
    }
    if (!/^[1-9]\d{0,6}$/.test(values.changes))
      throw new Error(`--changes must be a whole number from 1 on, but it is "${values.changes}".`);
    changes = Number(values.changes);
    if (values.real === true) start = realServer();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  try {
    const result = await watchChaos({
      server: await start(),
      changes,
      random: Math.random,
      report: (line) => console.log(line),
    });
    const faults = Object.entries(result.faults).map(([name, count]) => `${name} ${count}`);
    console.log(`faults: ${faults.join(', ')}`);
    console.log(
      `ok: ${result.changes} changes, ${result.kills} kills, ${result.expired} or more times 410, ${result.events} events: all that must be seen once, none invented`,
    );
    return 0;
  } catch (error) {
    console.error(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function realServer(): () => Promise<BadServer> {
  const programs = apiServerPrograms();
  if (programs === undefined) throw new Error('--real needs PETREL_REAL_KUBE_APISERVER and PETREL_REAL_ETCD.');
  return () => startBadApiServer(programs);
}
