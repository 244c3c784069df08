import { parseArgs } from 'node:util';
import { watchChaos } from './watch.ts';

const USAGE = `Usage: npm run chaos:watch -- [--changes N]

Writes to a cluster while its API server is reset, refuses, falls silent, is slow, forgets and restarts, and Petrel is killed with SIGKILL at
random instants, and compares what Petrel handed over with what was written.

  --changes N   how many changes are written (default 10000)

Exit code 0 when every change that must be seen was handled once and none was invented, 1 when not, 2 for wrong use.`;

/** Runs the command; answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let changes: number;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { changes: { type: 'string', default: '10000' }, help: { type: 'boolean' } },
    });
    if (values.help === true) {
      console.log(USAGE);
      return 0;
    }
    if (!/^[1-9]\d{0,6}$/.test(values.changes))
      throw new Error(`--changes must be a whole number from 1 on, but it is "${values.changes}".`);
    changes = Number(values.changes);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  try {
    const result = await watchChaos({ changes, random: Math.random, report: (line) => console.log(line) });
    const faults = Object.entries(result.faults).map(([name, count]) => `${name} ${count}`);
    console.log(`faults: ${faults.join(', ')}`);
    console.log(
      `ok: ${result.changes} changes, ${result.kills} kills, ${result.events} events: all that must be seen once, none invented`,
    );
    return 0;
  } catch (error) {
    console.error(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
