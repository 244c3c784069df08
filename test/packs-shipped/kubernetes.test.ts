import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import apply from '../../packs/kubernetes/actions/apply.ts';
import remove from '../../packs/kubernetes/actions/delete.ts';
import event from '../../packs/kubernetes/actions/event.ts';
import get from '../../packs/kubernetes/actions/get.ts';
import list from '../../packs/kubernetes/actions/list.ts';
import patch from '../../packs/kubernetes/actions/patch.ts';
import setStatus from '../../packs/kubernetes/actions/set_status.ts';
import wait from '../../packs/kubernetes/actions/wait.ts';
import { createKubernetesClient, type KubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { type KubernetesSandbox, startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { isTransientError } from '../../src/sdk/index.ts';
import { testRun } from '../../src/sdk/testing.ts';

let sandbox: KubernetesSandbox;
let kubernetes: KubernetesClient;
let count = 0;
/** The widget of the present test. */
let widget: { api_version: string; kind: string; name: string; namespace: string };

const definition = (kind: string, subresources: object) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${kind.toLowerCase()}s.example.org` },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { kind, plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase() },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

beforeAll(async () => {
  sandbox = await startKubernetesSandbox({ port: 0 });
  const config = await loadKubernetesConfig({ url: sandbox.url, token: sandbox.token, env: {} });
  if (config === undefined) throw new Error('an explicit URL is always a configuration');
  kubernetes = createKubernetesClient(config);
  await kubernetes.create(definition('Widget', { status: {} }));
  await kubernetes.create(definition('Gadget', {}));
});
afterAll(async () => {
  await kubernetes.close();
  await sandbox.close();
});
beforeEach(() => {
  count += 1;
  widget = { api_version: 'example.org/v1', kind: 'Widget', name: `w${count}`, namespace: 'default' };
});

const object = (spec: object = { size: 1 }, kind = 'Widget') => ({
  apiVersion: 'example.org/v1',
  kind,
  metadata: { name: widget.name, namespace: 'default' },
  spec,
});
const create = (spec?: object, kind?: string) => kubernetes.create(object(spec, kind));

describe('kubernetes.get and kubernetes.list', () => {
  it('read what is there', async () => {
    await create({ size: 3 });
    const { result } = await testRun(get, { input: widget, kubernetes });
    expect(result).toMatchObject({ existed: true, object: { spec: { size: 3 } } });
  });

  it('fail for what is not there, unless that is an answer', async () => {
    await expect(testRun(get, { input: widget, kubernetes })).rejects.toMatchObject({ code: 'not_found' });
    const { result } = await testRun(get, { input: { ...widget, ignore_not_found: true }, kubernetes });
    expect(result).toEqual({ existed: false, object: null });
  });

  it('select by label', async () => {
    const labels = { test: widget.name };
    await kubernetes.create({ ...object(), metadata: { name: widget.name, namespace: 'default', labels } });
    const input = { api_version: 'example.org/v1', kind: 'Widget', label_selector: `test=${widget.name}` };
    const { result } = await testRun(list, { input, kubernetes });
    expect(result).toMatchObject({ count: 1, items: [{ metadata: { name: widget.name } }] });
  });

  it('mark the contents of Secrets as secret, encoded and clear', async () => {
    const password = Buffer.from('swordfish').toString('base64');
    await kubernetes.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: widget.name }, data: { password } });
    const input = { api_version: 'v1', kind: 'Secret', name: widget.name };
    const { context } = await testRun(get, { input, kubernetes });
    expect([...context.secrets]).toEqual([password, 'swordfish']);
  });
});

describe('kubernetes.apply and kubernetes.patch', () => {
  it('create first, and change what the manager owns afterwards', async () => {
    await testRun(apply, { input: { object: object({ size: 1, colour: 'red' }) }, kubernetes });
    const { result } = await testRun(apply, { input: { object: object({ size: 2 }) }, kubernetes });
    expect(result.object.spec).toEqual({ size: 2 });
  });

  it('do not take fields from another manager unless forced', async () => {
    await kubernetes.apply(object({ size: 1 }), { fieldManager: 'somebody' });
    const input = { object: object({ size: 2 }) };
    await expect(testRun(apply, { input, kubernetes })).rejects.toMatchObject({ code: 'conflict' });
    const { result } = await testRun(apply, { input: { ...input, force: true }, kubernetes });
    expect(result.object.spec).toEqual({ size: 2 });
  });

  it.each([
    ['merge', { spec: { size: 5 } }],
    ['json', [{ op: 'replace', path: '/spec/size', value: 5 }]],
  ] as const)('patch by a %s patch', async (type, change) => {
    await create();
    const input = { ...widget, type, patch: structuredClone(change) as Record<string, unknown> }; // one of the two shapes it takes
    const { result } = await testRun(patch, { input, kubernetes });
    expect(result.object.spec).toEqual({ size: 5 });
  });
});

describe('kubernetes.delete', () => {
  it('deletes, and answers that there is nothing to delete', async () => {
    await create();
    expect((await testRun(remove, { input: widget, kubernetes })).result).toEqual({ existed: true });
    expect((await testRun(remove, { input: widget, kubernetes })).result).toEqual({ existed: false });
  });

  it('spares a later object of the same name', async () => {
    await create();
    const input = { ...widget, uid: '00000000-0000-0000-0000-000000000000' };
    await expect(testRun(remove, { input, kubernetes })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('kubernetes.wait', () => {
  const report = (status: object) =>
    kubernetes.patch({ ...widget, apiVersion: widget.api_version }, { status }, { subresource: 'status' });

  it('waits for a condition', async () => {
    await create();
    const waiting = testRun(wait, { input: { ...widget, condition: 'Ready', timeout: 10 }, kubernetes });
    await report({ conditions: [{ type: 'Ready', status: 'True' }] });
    expect((await waiting).result.object?.status).toEqual({ conditions: [{ type: 'Ready', status: 'True' }] });
  });

  it('waits for a field to equal a value', async () => {
    await create();
    await report({ phase: 'Creating' });
    const waiting = testRun(wait, {
      input: { ...widget, field: '{.status.phase}', value: 'Ready', timeout: 10 },
      kubernetes,
    });
    await report({ phase: 'Ready' });
    expect((await waiting).result.object).toMatchObject({ status: { phase: 'Ready' } });
  });

  it('waits for an object that does not exist yet', async () => {
    const waiting = testRun(wait, { input: { ...widget, field: 'metadata.uid', timeout: 10 }, kubernetes });
    await create();
    expect((await waiting).result.object).not.toBeNull();
  });

  it('waits for the deletion, and takes a later object for another one', async () => {
    const created = await create();
    const input = { ...widget, deletion: true, uid: created.metadata.uid, timeout: 10 };
    const waiting = testRun(wait, { input, kubernetes });
    await kubernetes.delete({ ...widget, apiVersion: widget.api_version });
    await create();
    expect((await waiting).result.waited).toBeLessThan(10);
  });

  it('says what it found when the time is over', async () => {
    await create();
    const input = { ...widget, condition: 'Ready=False', timeout: 0.01 };
    await expect(testRun(wait, { input, kubernetes })).rejects.toThrow('the condition is not there');
  });

  it.each([[{}], [{ condition: 'Ready', deletion: true }], [{ field: 'a..b' }]])('refuses %j', async (goal) => {
    await expect(testRun(wait, { input: { ...widget, ...goal, timeout: 1 }, kubernetes })).rejects.toThrow();
  });
});

describe('kubernetes.set_status', () => {
  const ready = (status: 'True' | 'False', message = '') => ({ type: 'Ready', status, reason: 'Because', message });
  const set = async (input: Partial<Parameters<typeof setStatus.input.parse>[0] & object>) =>
    (await testRun(setStatus, { input: { ...widget, ...input }, kubernetes })).result;
  type Status = { conditions: Record<string, unknown>[] };

  it('merges fields and removes those that are null', async () => {
    await create();
    await set({ status: { phase: 'Creating', port: 3306 } });
    const { status } = await set({ status: { phase: 'Ready', port: null } });
    expect(status).toEqual({ phase: 'Ready' });
  });

  it('writes nothing when it would change nothing', async () => {
    await create();
    const report = { status: { phase: 'Ready', endpoint: { host: 'db' } }, conditions: [ready('True', 'up')] };
    expect((await set(report)).changed).toBe(true);
    expect((await set(report)).changed).toBe(false);
  });

  it('sets conditions by type, with the generation they speak of', async () => {
    await create();
    await set({ conditions: [{ type: 'Synced', status: 'True' }, ready('False', 'not yet')] });
    const { status } = await set({ conditions: [ready('False', 'soon')] });
    expect((status as Status).conditions).toMatchObject([
      { type: 'Synced', status: 'True', observedGeneration: 1 },
      { type: 'Ready', status: 'False', message: 'soon', observedGeneration: 1 },
    ]);
  });

  it('keeps the time of the last transition until the status changes', async () => {
    await create();
    const old = { ...ready('False'), lastTransitionTime: '2016-05-04T12:00:00Z' };
    await kubernetes.patch(
      { ...widget, apiVersion: widget.api_version },
      { status: { conditions: [old] } },
      { subresource: 'status' },
    );
    const same = (await set({ conditions: [ready('False', 'still not')] })).status as Status;
    expect(same.conditions[0]?.lastTransitionTime).toBe('2016-05-04T12:00:00Z');
    const other = (await set({ conditions: [ready('True')] })).status as Status;
    expect(other.conditions[0]?.lastTransitionTime).not.toBe('2016-05-04T12:00:00Z');
  });

  it('loses no condition when several report at the same time', async () => {
    await create();
    const types = ['A', 'B', 'C', 'D', 'E'];
    await Promise.all(types.map((type) => set({ conditions: [{ type, status: 'True' }] })));
    const { object: final } = (await testRun(get, { input: widget, kubernetes })).result;
    const conditions = (final?.status as Partial<Status> | undefined)?.conditions ?? []; // what set_status writes
    expect(conditions.map(({ type }) => type).sort()).toEqual(types);
  });

  it('reports on kinds without a status subresource, too', async () => {
    await create({}, 'Gadget');
    expect(await set({ kind: 'Gadget', status: { phase: 'Ready' } })).toMatchObject({ status: { phase: 'Ready' } });
  });

  it('notices when the object goes before the write', async () => {
    await create();
    const vanishing = {
      ...kubernetes,
      patch: async (...call: Parameters<KubernetesClient['patch']>) => {
        await kubernetes.delete({ ...widget, apiVersion: widget.api_version }).catch(() => {});
        return kubernetes.patch(...call);
      },
    };
    const input = { ...widget, ignore_not_found: true, status: { phase: 'Ready' } };
    expect((await testRun(setStatus, { input, kubernetes: vanishing })).result.existed).toBe(false);
  });

  it('answers that the object is gone, or is another one by now', async () => {
    expect(await set({ ignore_not_found: true, status: { phase: 'Ready' } })).toEqual({
      existed: false,
      changed: false,
      status: null,
    });
    await create();
    expect(await set({ ignore_not_found: true, uid: 'another', status: { phase: 'Ready' } })).toMatchObject({
      existed: false,
    });
    await expect(set({ uid: 'another', status: { phase: 'Ready' } })).rejects.toThrow('with the uid another');
  });
});

describe('kubernetes.event', () => {
  it('writes an Event about an object, one per execution', async () => {
    const { metadata } = await create();
    const input = { ...widget, reason: 'Created', message: 'The widget was created.' };
    await testRun(event, { input, kubernetes });
    await testRun(event, { input, kubernetes, attempt: 2 });
    const events = await kubernetes.list('v1', 'Event', { namespace: 'default' });
    const about = events.filter(({ involvedObject }) => (involvedObject as { uid?: string }).uid === metadata.uid); // an Event has one
    expect(about).toMatchObject([{ type: 'Normal', reason: 'Created', message: 'The widget was created.' }]);
  });
});

describe('Every action', () => {
  it.each([429, 500, 503])('calls %i of the API server transient', async (status) => {
    sandbox.faults.refuse({ status });
    const error = await testRun(get, { input: widget, kubernetes }).catch((caught: unknown) => caught);
    expect(isTransientError(error)).toBe(true);
  });

  it('calls an API server that is away transient', async () => {
    await sandbox.faults.stop();
    const error = await testRun(setStatus, { input: { ...widget, status: { a: 1 } }, kubernetes }).catch(
      (caught: unknown) => caught,
    );
    await sandbox.faults.start();
    expect(isTransientError(error)).toBe(true);
  });

  it('does not call a refusal transient', async () => {
    sandbox.faults.refuse({ status: 403 });
    const error = await testRun(get, { input: widget, kubernetes }).catch((caught: unknown) => caught);
    expect(isTransientError(error)).toBe(false);
  });
});
