/**
 * Runs one file of a pack's tests in a process of its own: `node pack-test-runner.js FILE CACHE`. Tests are written with `node:test` and the
 * SDK's kit; Node runs them when the file has been evaluated, and the exit code says how they ended.
 */
import { runPackModule } from '../packs/index.ts';

const [file = '', cache = ''] = process.argv.slice(2);
await runPackModule(file, cache);
