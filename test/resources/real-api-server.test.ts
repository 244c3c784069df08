import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiServerPrograms, type RealApiServer, startApiServer } from '../real/kube-apiserver.ts';
import { type House, openHouse } from './house.ts';
import { declaration, GROUP } from './things.ts';

const programs = apiServerPrograms();

describe.skipIf(programs === undefined)('a real API server', () => {
  let server: RealApiServer;
  let house: House;
  let directory: string;

  beforeAll(async () => {
    if (programs === undefined) throw new Error('There is no API server.');
    directory = await mkdtemp(join(tmpdir(), 'petrel-real-'));
    server = await startApiServer(programs);
    const kubeconfig = join(directory, 'kubeconfig');
    const config = {
      'current-context': 'real',
      clusters: [{ name: 'real', cluster: { server: server.url, 'certificate-authority': server.authority } }],
      users: [{ name: 'real', user: { token: server.token } }],
      contexts: [{ name: 'real', context: { cluster: 'real', user: 'real', namespace: 'default' } }],
    };
    await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
    const old = `  - name: v1beta1
    schema: {type: object, required: [text], properties: {text: {type: string}}}
    convert: {value: "{{ spec.text }}!"}
create:`;
    const needs =
      'resync: 1\ndriftPolicy: correct\ndependencies: [{kind: Base, name: "{{ desired.needs | default(\'\') }}"}]\n';
    house = await openHouse(
      { base: declaration('Base', '', 'observe'), thing: declaration('Thing', needs).replace('create:', old) },
      { kubeconfig },
    );
  }, 120_000);
  afterAll(async () => {
    await house?.close();
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('takes the definition, the finalizer, and the status by server-side apply', async () => {
    await house.create('Thing', 'a', { value: 'one' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    const object = await house.get('Thing', 'a');
    expect(object?.metadata.finalizers).toEqual(['petrel.dev/thing']);
    const managers = object?.metadata.managedFields as readonly { manager: string; operation: string }[]; // of a real server
    expect(managers).toContainEqual(expect.objectContaining({ manager: 'petrel', operation: 'Apply' }));
    await house.change('Thing', 'a', { value: 'two' });
    await house.reaches('Thing', 'a', 'Ready', 'True');
    await house.erase(house.thingNamed('a')?.key ?? '');
    await house.until('it exists again', () => house.things().a === 'two');
  });

  it('deletes a namespace, which takes no new Events, with what is in it', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
    await house.client.create(namespace);
    const thing = { apiVersion: `${GROUP}/v1`, kind: 'Thing', name: 'inside', namespace: 'team' };
    const { name, namespace: inside, ...kind } = thing;
    await house.client.create({ ...kind, metadata: { name, namespace: inside }, spec: { value: '1' } });
    await house.until('it is there', async () => JSON.stringify(await house.client.get(thing)).includes('"Available"'));
    await house.client.delete({ ...namespace, name: 'team' });
    // What a namespace's controller does, which is not part of the API server.
    await house.client.delete(thing);
    await house.until('it is gone', () =>
      house.client.get(thing).then(
        () => false,
        () => true,
      ),
    );
    expect(Object.keys(house.things())).not.toContain('team-inside');
  });

  it('keeps objects in the version they were written in', async () => {
    const old = { apiVersion: `${GROUP}/v1beta1`, kind: 'Thing', metadata: { name: 'old', namespace: 'default' } };
    await house.client.create({ ...old, spec: { text: 'two' } });
    await house.reaches('Thing', 'old', 'Ready', 'True');
    expect(house.things()).toMatchObject({ old: 'two!' });
  });

  it('lets what is needed go after what needs it, and nothing hang', async () => {
    await house.create('Base', 'ground', { value: '1' });
    await house.create('Thing', 'top', { value: '1', needs: 'ground' });
    await house.reaches('Thing', 'top', 'Ready', 'True');
    await house.remove('Base', 'ground');
    await house.reaches('Base', 'ground', 'Ready', 'False', 'WaitingForDependents');
    for (const name of ['top', 'a', 'old']) await house.remove('Thing', name);
    for (const name of ['top', 'a', 'old']) await house.isGone('Thing', name);
    await house.isGone('Base', 'ground');
    expect(house.things()).toEqual({});
  });
});
