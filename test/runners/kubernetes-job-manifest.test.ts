import { describe, expect, it } from 'vitest';
import type { JsonObject, ParameterSchemas } from '../../src/model/index.ts';
import { planJob } from '../../src/runners/kubernetes-job/manifest.ts';
import { harness } from './harness.ts';

const planOf = (
  runnerParameters: JsonObject,
  more: { actionParameters?: JsonObject; parameters?: ParameterSchemas; known?: string } = {},
) => {
  const { run } = harness({ runnerParameters, environment: { ST2_ACTION_PACK_NAME: 'demo' }, ...more });
  if (more.known !== undefined) run.services.markSecret(more.known);
  return planJob(run);
};
const containerOf = (plan: ReturnType<typeof planJob>) => {
  const { spec } = plan.job as { spec: { template: { spec: { containers: readonly JsonObject[] } } } }; // as it is made
  return spec.template.spec.containers[0] ?? {};
};

describe('The Job of an action', () => {
  it('is named and labelled after the execution, and never runs twice by itself', () => {
    const { name, job } = planOf({ image: 'alpine' });
    expect(name).toBe('petrel-0123456789abcdef01234567');
    expect(job).toMatchObject({
      apiVersion: 'batch/v1',
      metadata: { name, labels: { 'petrel.io/execution': '0123456789abcdef01234567' } },
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } },
    });
  });

  it('says all that the action says', () => {
    const plan = planOf({
      image: 'alpine:3',
      command: ['sh', '-c'],
      args: ['echo', 5],
      env: { LEVEL: 3, LIST: [1], NOTHING: null },
      working_dir: '/tmp',
      resources: { limits: { memory: '64Mi' } },
      namespace: 'batch',
      service_account: 'robot',
      node_selector: { disk: 'ssd' },
      tolerations: [{ operator: 'Exists' }],
      image_pull_policy: 'Never',
      image_pull_secrets: ['registry'],
      labels: { team: 'a', 'petrel.io/execution': 'forged' },
      annotations: { note: 'x' },
      backoff_limit: 2,
      timeout: 90.5,
      ttl: 60,
    });
    expect(plan.namespace).toBe('batch');
    expect(plan.job).toMatchObject({
      metadata: { namespace: 'batch' },
      spec: {
        backoffLimit: 2,
        activeDeadlineSeconds: 91,
        ttlSecondsAfterFinished: 60,
        template: {
          metadata: {
            labels: { team: 'a', 'petrel.io/execution': '0123456789abcdef01234567' },
            annotations: { note: 'x', 'petrel.io/action': 'demo.subject' },
          },
          spec: {
            serviceAccountName: 'robot',
            nodeSelector: { disk: 'ssd' },
            tolerations: [{ operator: 'Exists' }],
            imagePullSecrets: [{ name: 'registry' }],
          },
        },
      },
    });
    expect(containerOf(plan)).toEqual({
      name: 'action',
      image: 'alpine:3',
      command: ['sh', '-c'],
      args: ['echo', '5'],
      env: [
        { name: 'ST2_ACTION_PACK_NAME', value: 'demo' },
        { name: 'LEVEL', value: '3' },
        { name: 'LIST', value: '[1]' },
      ],
      workingDir: '/tmp',
      imagePullPolicy: 'Never',
      resources: { limits: { memory: '64Mi' } },
    });
  });

  it('leaves out what nobody said', () => {
    expect(containerOf(planOf({ image: 'alpine', command: null, args: [], resources: {} }))).toEqual({
      name: 'action',
      image: 'alpine',
      env: [{ name: 'ST2_ACTION_PACK_NAME', value: 'demo' }],
    });
  });
});

describe('What is secret', () => {
  const reference = { secretKeyRef: { name: 'petrel-0123456789abcdef01234567', key: 'PASSWORD' } };

  it.each([
    ['as secret_env', { secret_env: { PASSWORD: 'swordfish' } }, {}],
    ['as env, known by value', { env: { PASSWORD: 'swordfish' } }, { known: 'swordfish' }],
    [
      'as env, the value of a secret parameter too short to be known',
      { env: { PASSWORD: 'p!n' } },
      { actionParameters: { pin: 'p!n' }, parameters: { pin: { type: 'string', secret: true } } },
    ],
  ])('given %s is kept in a Secret', (_, parameters, more) => {
    const plan = planOf({ image: 'alpine', ...parameters }, more);
    const value = Object.values(plan.secrets ?? {});
    expect(value).toHaveLength(1);
    expect(containerOf(plan).env).toContainEqual({ name: 'PASSWORD', valueFrom: reference });
    expect(JSON.stringify(plan.job)).not.toContain(value[0]);
  });

  it.each([
    [{ args: ['--password=swordfish'] }],
    [{ command: ['sh', '-c', 'login swordfish'] }],
    [{ image: 'registry/swordfish' }],
  ])('is refused in %j', (parameters) => {
    expect(() => planOf({ image: 'alpine', ...parameters }, { known: 'swordfish' })).toThrow('secret_env');
  });
});

describe('What makes no Job', () => {
  it.each([
    [{}, 'needs an "image"'],
    [{ image: 'a', args: 'x' }, '"args" must be a list'],
    [{ image: 'a', env: ['x'] }, '"env" must be an object'],
    [{ image: 'a', env: { 'A B': 'x' } }, '"A B" cannot be the name'],
  ])('%j is refused', (parameters, complaint) => {
    expect(() => planOf(parameters)).toThrow(complaint);
  });
});
