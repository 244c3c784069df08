import { describe, expect, it } from 'vitest';
import { createRunners } from '../../src/runners/index.ts';
import { harness } from './harness.ts';

const runners = createRunners({ version: '1.2.3', loadAction: () => Promise.reject(new Error('There is no action.')) });

const NAMES = [
  'noop',
  'local-shell-cmd',
  'local-shell-script',
  'http-request',
  'python-script',
  'typescript-script',
  'inquirer',
  'workflow-step',
  'kubernetes-operation',
  'kubernetes-job',
];

describe('the set of runners', () => {
  it('has each under its own name', () => {
    expect([...runners].map(([name, runner]) => [name, runner.name])).toEqual(NAMES.map((name) => [name, name]));
  });

  it('marks the parameters that hold secrets', () => {
    const secrets = [...runners.values()].flatMap(({ name, parameters }) =>
      Object.entries(parameters).flatMap(([key, { secret }]) => (secret === true ? [`${name} ${key}`] : [])),
    );
    expect(secrets).toEqual([
      'local-shell-cmd sudo_password',
      'local-shell-script sudo_password',
      'http-request password',
      'kubernetes-job secret_env',
    ]);
  });

  it('says which part of a result an output schema is about', () => {
    expect(runners.get('http-request')?.outputKey).toBe('body');
    expect(runners.get('typescript-script')?.outputKey).toBe('result');
    expect(runners.get('local-shell-cmd')?.outputKey).toBeUndefined();
  });
});

describe('noop', () => {
  it('succeeds with the result of a command that did', async () => {
    expect(await runners.get('noop')?.run(harness().run)).toEqual({
      status: 'succeeded',
      result: { failed: false, succeeded: true, return_code: 0 },
    });
  });
});
