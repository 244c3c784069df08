// Prints the last line of a CI run from the test runner's own JSON report; fails when tests failed or were skipped.
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
const skipped = numPendingTests + numTodoTests;
console.log(`tests: ${numPassedTests} passed, ${numFailedTests} failed, ${skipped} skipped`);
process.exit(success && skipped === 0 ? 0 : 1);
