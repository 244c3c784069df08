import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { seeded } from '../../src/sandbox/index.ts';
import { databaseChaos } from './databases.ts';
import { resourceChaos } from './resources.ts';
import { chaos } from './workflows.ts';

interface Kind {
  readonly option: string;
  readonly count: string;
  readonly usage: string;
  /** Answers what is to be said when all went well. The same `random` draws the same trouble, though not at the same instants. */
  run(count: number, random: () => number, report: (line: string) => void): Promise<string>;
}

const KINDS: Readonly<Record<string, Kind>> = {
  workflows: {
    option: 'kills',
    count: '50',
    usage: `Usage: npm run chaos:workflows -- [--kills N]

Runs a mixed load of action-chains and Orquesta workflows, some of which ask people, while the process is killed with SIGKILL at random
instants, and compares each workflow with the same one run in peace.

  --kills N   how often it is killed (default 50)
  --seed N    what is drawn at random (default: another each time; it is printed)

Exit code 0 when nothing differs, 1 when something does, 2 for wrong use.`,
    async run(kills, random, report) {
      const compared = await chaos({ kills, random, report });
      return `${compared} workflows ended as they do in peace, after ${kills} kills`;
    },
  },
  resources: {
    option: 'rounds',
    count: '100',
    usage: `Usage: npm run chaos:resources -- [--rounds N] [--seed N]

Creates, changes, deletes and re-creates objects of declared resources while Petrel is killed with SIGKILL, the API server goes away or
forgets its history, and what they stand for fails, loses answers or goes away: first small things in Consul, then databases of the pack
"databases" with RDS, Consul and Vault. In the end exactly what is wished must exist, created once, and when all is deleted nothing.

  --rounds N   how often something goes wrong, for each of the two (default 100)
  --seed N     what is drawn at random (default: another each time; it is printed)

Exit code 0 when nothing is left over, missing, doubled or stuck, 1 when something is, 2 for wrong use.`,
    async run(rounds, random, report) {
      const created = await resourceChaos({ rounds, random, report });
      report(`exactly what was wished exists, after ${rounds} rounds and ${created} objects; now databases`);
      const posted = await databaseChaos({ rounds, random, report });
      return `exactly what was wished existed, and nothing is left, after ${rounds} rounds each, ${created} objects and ${posted} databases`;
    },
  },
};

/** Runs the command; answers the exit code. */
export async function main(name: string, args: readonly string[]): Promise<number> {
  const kind = KINDS[name];
  if (kind === undefined) throw new Error(`There is no chaos "${name}".`);
  let count: number;
  let seed: number;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        [kind.option]: { type: 'string', default: kind.count },
        seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) {
      console.log(kind.usage);
      return 0;
    }
    const numberOf = (option: string) => {
      const given = String(values[option]);
      if (!/^\d{1,6}$/.test(given)) throw new Error(`--${option} must be a whole number, but it is "${given}".`);
      return Number(given);
    };
    count = numberOf(kind.option);
    seed = numberOf('seed');
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${kind.usage}`);
    return 2;
  }
  try {
    console.log(`--seed ${seed}`);
    console.log(`ok: ${await kind.run(count, seeded(seed), (line) => console.log(line))}`);
    return 0;
  } catch (error) {
    console.error(`FAILED (--seed ${seed}): ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
