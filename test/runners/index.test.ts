import { describe, expect, it } from 'vitest';
import { createRunners } from '../../src/runners/index.ts';
import { harness } from './harness.ts';

const runners = createRunners({ version: '1.2.3', loadAction: () => Promise.reject(new Error('There is no action.')) });

const NAMES = [
  'noop',
  'local-shell-cmd',
  'local-shell-script',
  'remote-shell-cmd',
  'remote-shell-script',
  'http-request',
  'python-script',
  'typescript-script',
  'inquirer',
  'announcement',
  'workflow-step',
  'kubernetes-operation',
  'kubernetes-job',
  'petrel-operation',
  'winrm-cmd',
  'winrm-ps-cmd',
  'winrm-ps-script',
  'mistral-v2',
  'cloudslang',
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
      ...['remote-shell-cmd', 'remote-shell-script'].flatMap((name) =>
        ['sudo_password', 'password', 'private_key', 'passphrase'].map((key) => `${name} ${key}`),
      ),
      'http-request password',
      'kubernetes-job secret_env',
      'winrm-cmd password',
      'winrm-ps-cmd password',
      'winrm-ps-script password',
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

describe('a runner that Petrel does not have on purpose', () => {
  it.each(['winrm-cmd', 'winrm-ps-cmd', 'winrm-ps-script', 'mistral-v2', 'cloudslang'])(
    '%s fails with its name, the action and what to do instead',
    async (name) => {
      expect(await runners.get(name)?.run(harness().run)).toMatchObject({
        status: 'failed',
        result: {
          error: expect.stringMatching(
            `^The action demo.subject needs the runner ${name}, .*(kubernetes-job|orquesta)`,
          ),
        },
      });
    },
  );
});

describe('announcement', () => {
  const told: unknown[] = [];
  const announcement = createRunners({
    version: '1.2.3',
    loadAction: () => Promise.reject(new Error('There is no action.')),
    announce: async (said) => void told.push(said),
  }).get('announcement');

  it('tells its parameters on its route, and answers them', async () => {
    const { run } = harness({
      runnerParameters: { experimental: true, route: 'chatops' },
      actionParameters: { message: 'hello' },
    });
    expect(await announcement?.run(run)).toEqual({
      status: 'succeeded',
      result: { message: 'hello', output: { message: 'hello' } },
    });
    expect(told).toEqual([{ executionId: run.execution.id, route: 'chatops', payload: { message: 'hello' } }]);
  });

  it('fails when it was not allowed to be experimental, as in StackStorm', async () => {
    const { run } = harness({ runnerParameters: { experimental: false, route: 'general' } });
    expect(await announcement?.run(run)).toMatchObject({
      status: 'failed',
      result: { error: expect.stringContaining('"experimental"') },
    });
  });
});
