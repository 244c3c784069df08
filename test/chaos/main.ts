import { parseArgs } from 'node:util';
import { resourceChaos } from './resources.ts';
import { chaos } from './workflows.ts';

interface Kind {
  readonly option: string;
  readonly count: string;
  readonly usage: string;
  /** Answers what is to be said when all went well. */
  run(count: number, report: (line: string) => void): Promise<string>;
}

const KINDS: Readonly<Record<string, Kind>> = {
  workflows: {
    option: 'kills',
    count: '50',
    usage: `Usage: npm run chaos:workflows -- [--kills N]

Runs a mixed load of action-chains and Orquesta workflows, some of which ask people, while the process is killed with SIGKILL at random
instants, and compares each workflow with the same one run in peace.

  --kills N   how often it is killed (default 50)

Exit code 0 when nothing differs, 1 when something does, 2 for wrong use.`,
    async run(kills, report) {
      const compared = await chaos({ kills, random: Math.random, report });
      return `${compared} workflows ended as they do in peace, after ${kills} kills`;
    },
  },
  resources: {
    option: 'rounds',
    count: '100',
    usage: `Usage: npm run chaos:resources -- [--rounds N]

Creates, changes, deletes and re-creates objects of declared resources while Petrel is killed with SIGKILL, the API server goes away or
forgets its history, and Consul fails, loses answers or goes away. In the end exactly what is wished must exist.

  --rounds N   how often something goes wrong (default 100)

Exit code 0 when nothing is left over, missing or stuck, 1 when something is, 2 for wrong use.`,
    async run(rounds, report) {
      const created = await resourceChaos({ rounds, random: Math.random, report });
      return `exactly what was wished exists, after ${rounds} rounds and ${created} objects`;
    },
  },
};

/** Runs the command; answers the exit code. */
export async function main(name: string, args: readonly string[]): Promise<number> {
  const kind = KINDS[name];
  if (kind === undefined) throw new Error(`There is no chaos "${name}".`);
  let count: number;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { [kind.option]: { type: 'string', default: kind.count }, help: { type: 'boolean' } },
    });
    if (values.help === true) {
      console.log(kind.usage);
      return 0;
    }
    const given = String(values[kind.option]);
    if (!/^\d{1,6}$/.test(given)) {
      throw new Error(`--${kind.option} must be a whole number, but it is "${given}".`);
    }
    count = Number(given);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${kind.usage}`);
    return 2;
  }
  try {
    console.log(`ok: ${await kind.run(count, (line) => console.log(line))}`);
    return 0;
  } catch (error) {
    console.error(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
