import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KubernetesSandbox, startSandbox } from '../../../../src/sandbox/index.ts';
import { realKubernetes, startRealCluster } from '../../../real/kubernetes.ts';
import { realComponent } from '../../../real.ts';
import { steps } from './commands.ts';
import { checkStep, runStepInTime, type Shell } from './run.ts';

const kubectl = realComponent('kubectl', 'kubectl');

describe.runIf(kubectl !== undefined)('the kubectl script against the sandbox', () => {
  let sandbox: KubernetesSandbox;
  let shell: Shell;

  beforeAll(async () => {
    sandbox = await startSandbox({ authorization: 'RBAC' });
    const home = await mkdtemp(join(tmpdir(), 'petrel-kubectl-script-'));
    const kubeconfig = join(home, 'kubeconfig');
    await writeFile(kubeconfig, sandbox.kubeconfig);
    shell = { kubectl: kubectl ?? '', kubeconfig, home };
  });

  afterAll(async () => {
    await sandbox.close();
    await rm(shell.home, { recursive: true });
  });

  it('is long enough to mean something', () => {
    expect(steps.length).toBeGreaterThanOrEqual(80);
  });

  it.each(steps)('$run', async (step) => checkStep(step, await runStepInTime(shell, step)), 90_000);
});

/** What the real server that can be built here is: steps for newer ones are not for it. */
const REAL_MINOR = 20;
const place = realKubernetes();

describe.runIf(kubectl !== undefined && place !== undefined)('the kubectl script against a real API server', () => {
  let stop: () => Promise<void>;
  let shell: Shell;

  beforeAll(async () => {
    const cluster = await startRealCluster(place ?? '');
    const home = await mkdtemp(join(tmpdir(), 'petrel-kubectl-real-'));
    const kubeconfig = join(home, 'kubeconfig');
    await writeFile(kubeconfig, cluster.kubeconfig);
    shell = { kubectl: kubectl ?? '', kubeconfig, home };
    stop = async () => {
      await cluster.stop();
      await rm(home, { recursive: true });
    };
  }, 120_000);

  afterAll(() => stop());

  const own = steps.filter((step) => step.needs === undefined && (step.since ?? 0) <= REAL_MINOR);
  it.each(own)('$run', async (step) => checkStep(step, await runStepInTime(shell, step)), 90_000);
});
