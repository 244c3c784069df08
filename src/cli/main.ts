#!/usr/bin/env node
import { reportError } from './output.ts';
/**
 * The `petrel` command. What commands there are is said by noun under nouns/; what they do is under commands/, loaded only when it is
 * called: a command that needs no server starts in under 100 ms.
 */
import { createProgram } from './program.ts';

createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = reportError(error, process.argv.includes('--json'));
  });
