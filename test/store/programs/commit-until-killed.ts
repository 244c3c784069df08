/** Run by a test: commits transactions as fast as they come, and prints a number once its commit was acknowledged. */
import { openSqliteStore } from '../../../src/store/index.ts';
import { execution, instance, key } from '../given.ts';

const directory = process.argv[2] ?? '';
const store = await openSqliteStore({ directory });
let next = 1;

async function commitForEver(): Promise<void> {
  for (;;) {
    const number = next++;
    await store.transaction(async (tx) => {
      await tx.insertTriggerInstances([instance(number)]);
      await tx.insertExecutions([execution(number)]);
      await tx.putKey(key(`number ${number}`));
    });
    process.stdout.write(`${number}\n`);
  }
}

// Several at once, so that groups of transactions share commits.
await Promise.all(Array.from({ length: 5 }, commitForEver));
