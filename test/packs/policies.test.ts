import { afterAll, describe, expect, it } from 'vitest';
import { lintPack, loadPack } from '../../src/packs/index.ts';
import { buildSnapshot } from '../../src/packs/snapshot.ts';
import { brief, type Files, newModules, RUNNERS, removeTemporaryFolders, trialPack } from './support.ts';

afterAll(removeTemporaryFolders);

const modules = newModules();
const ACTION = 'name: deploy\nrunner_type: local-shell-cmd\nparameters: {host: {type: string}}\n';

function policy(type: string, parameters: string, more = ''): string {
  return `name: limit\nresource_ref: trial.deploy\npolicy_type: ${type}\nparameters: ${parameters}\n${more}`;
}

async function complaints(text: string, others: Files = {}): Promise<string[]> {
  const folder = trialPack({ 'actions/deploy.yaml': ACTION, 'policies/limit.yaml': text, ...others });
  return (await lintPack(folder, { modules, runners: RUNNERS })).map(brief);
}

async function read(files: Files) {
  const pack = await loadPack(trialPack({ 'actions/deploy.yaml': ACTION, ...files }), { modules });
  return buildSnapshot(1, [pack], { builtinTriggerTypes: [] });
}

describe('a policy', () => {
  it('is read with its defaults, and found by its action when it is enabled', async () => {
    const snapshot = await read({
      'policies/limit.yaml': policy('action.concurrency', '{threshold: 3}', 'description: Not too many.\n'),
      'policies/off.json': JSON.stringify({
        name: 'off',
        enabled: false,
        pack: 'trial',
        resource_ref: 'trial.deploy',
        policy_type: 'action.retry',
        parameters: { retry_on: 'timeout', delay: null },
      }),
    });
    const limit = {
      ref: 'trial.limit',
      pack: 'trial',
      name: 'limit',
      description: 'Not too many.',
      enabled: true,
      resourceRef: 'trial.deploy',
      policyType: 'action.concurrency',
      parameters: { threshold: 3, action: 'delay' },
      metadataFile: 'policies/limit.yaml',
    };
    expect(snapshot.policies.get('trial.limit')).toEqual(limit);
    expect(snapshot.policies.get('trial.off')).toMatchObject({
      enabled: false,
      parameters: { retry_on: 'timeout', max_retry_count: 2, delay: 0 },
    });
    expect([...snapshot.policiesOf]).toEqual([['trial.deploy', [limit]]]);
    expect(snapshot.problems).toEqual([]);
  });

  it.each([
    ['lacks everything', 'description: x\n', '1:1 error: The key "name" is missing; a policy needs it.'],
    [
      'is of no known type',
      policy('action.concurency', '{}'),
      '3:14 error: "policy_type" must be "action.concurrency", "action.concurrency.attr" or "action.retry", but it is the text "action.concurency". Did you mean "action.concurrency"?',
    ],
    [
      'has a threshold that lets nothing run',
      policy('action.concurrency', '{threshold: 0}'),
      '4:25 error: "threshold" must be at least 1.',
    ],
    [
      'lacks a threshold',
      policy('action.concurrency', '{action: cancel}'),
      '4:13 error: The parameters of a policy "action.concurrency" must have "threshold".',
    ],
    [
      'does something else with what is too much',
      policy('action.concurrency', '{threshold: 1, action: drop}'),
      '4:36 error: "action" must be "delay" or "cancel".',
    ],
    [
      'has a parameter of another type',
      policy('action.concurrency', '{threshold: 1, attribute: [host]}'),
      '4:28 error: A policy "action.concurrency" has no parameter "attribute". Known parameters are "threshold" or "action".',
    ],
    [
      'compares nothing',
      policy('action.concurrency.attr', '{threshold: 1, attributes: []}'),
      '4:40 error: "attributes" must have at least 1 items.',
    ],
    [
      'compares what is no name',
      policy('action.concurrency.attr', '{threshold: 1, attributes: [host, 5]}'),
      '4:47 error: "attributes[1]" must be of type "string", but it is the number 5.',
    ],
    [
      'retries on anything',
      policy('action.retry', '{retry_on: success}'),
      '4:24 error: "retry_on" must be "failure" or "timeout".',
    ],
    [
      'retries too often',
      policy('action.retry', '{retry_on: failure, max_retry_count: 6}'),
      '4:50 error: "max_retry_count" must be at most 5.',
    ],
    [
      'waits too long',
      policy('action.retry', '{retry_on: failure, delay: 121}'),
      '4:40 error: "delay" must be at most 120.',
    ],
    [
      'is for an action that is not there',
      policy('action.concurrency', '{threshold: 1}').replace('trial.deploy', 'trial.deplay'),
      '2:15 warning: The action "trial.deplay" does not exist, so this policy has no effect. Did you mean "trial.deploy"?',
    ],
    [
      'compares what is no parameter',
      policy('action.concurrency.attr', '{threshold: 1, attributes: [host, sudo, hots]}'),
      '4:53 warning: The action "trial.deploy" has no parameter "hots", so it is not compared. Did you mean "host"?',
    ],
    [
      'lies in another pack',
      policy('action.concurrency', '{threshold: 1}', 'pack: other\n'),
      '5:7 error: "pack" is "other", but this file lies in the pack "trial"; correct it or leave it out.',
    ],
  ])('%s', async (_, text, complaint) => {
    expect((await complaints(text))[0]).toBe(complaint);
  });

  it('that is defined twice counts once', async () => {
    const again = policy('action.concurrency', '{threshold: 2}');
    const found = await complaints(policy('action.concurrency', '{threshold: 1}'), { 'policies/more.yaml': again });
    expect(found).toEqual([
      '1:1 error: The policy "trial.limit" is defined in policies/limit.yaml already; this one is left out.',
    ]);
  });
});
