import type { Runner } from './runner.ts';

/** Does nothing and succeeds (stackstorm-packs.md, section 5.1). */
export const noop: Runner = {
  name: 'noop',
  description: 'Does nothing; for tests and as a place to stop.',
  parameters: {},
  run: () => Promise.resolve({ status: 'succeeded', result: { failed: false, succeeded: true, return_code: 0 } }),
};
