#!/usr/bin/env node
/**
 * The `petrel` command. What commands there are is said by noun under nouns/; what they do is under commands/, loaded only when it is
 * called: a command that needs no server starts in under 100 ms.
 */
import { runProgram } from './run-program.ts';

// Whoever reads may have enough: petrel execution list | head -1
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const code = await runProgram(process.argv.slice(2));
if (code !== 0) process.exitCode = code;
