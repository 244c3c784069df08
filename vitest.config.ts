import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const source = (path: string) => new URL(path, import.meta.url).pathname;

const report = process.env.PETREL_TEST_REPORT;

export default defineConfig({
  resolve: {
    alias: {
      'petrel/sdk': source('./src/sdk/index.ts'),
      'petrel/kubernetes': source('./src/kubernetes/index.ts'),
      'petrel/sandbox': source('./src/sandbox/index.ts'),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    // A real API server that has just started takes its moments; what fails twice has failed.
    retry: process.env.PETREL_REAL_KUBERNETES === undefined ? 0 : 1,
    // Most tests wait for processes and servers of their own: a second worker halves the time even on two cores (vitest's default is one there).
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // For the last line of .ci/run.
    ...(report && { reporters: ['default', 'json'], outputFile: { json: report } }),
  },
});
