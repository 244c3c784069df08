import { parseArgs } from 'node:util';
import { chaos } from './workflows.ts';

const USAGE = `Usage: npm run chaos:workflows -- [--kills N]

Runs a mixed load of action-chains and Orquesta workflows, some of which ask people, while the process is killed with SIGKILL at random
instants, and compares each workflow with the same one run in peace.

  --kills N   how often it is killed (default 50)

Exit code 0 when nothing differs, 1 when something does, 2 for wrong use.`;

/** Runs the command; answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let kills: number;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { kills: { type: 'string', default: '50' }, help: { type: 'boolean' } },
    });
    if (values.help === true) {
      console.log(USAGE);
      return 0;
    }
    if (!/^\d{1,6}$/.test(values.kills))
      throw new Error(`--kills must be a whole number, but it is "${values.kills}".`);
    kills = Number(values.kills);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  try {
    const compared = await chaos({ kills, random: Math.random, report: (line) => console.log(line) });
    console.log(`ok: ${compared} workflows ended as they do in peace, after ${kills} kills`);
    return 0;
  } catch (error) {
    console.error(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
