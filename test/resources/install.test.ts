import { afterEach, expect, it } from 'vitest';
import { type House, openHouse } from './house.ts';
import { declaration, GROUP } from './things.ts';

let house: House;
afterEach(() => house.close());

const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'things.test.example.dev',
};

it('a definition is applied again when the API server refused it, and never deleted', async () => {
  house = await openHouse({});
  house.kubernetes.faults.refuse({
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    status: 503,
    count: 2,
  });
  await house.restart({ thing: declaration('Thing') });
  await house.create('Thing', 'a', { value: '1' });
  await house.reaches('Thing', 'a', 'Ready', 'True');
  await house.remove('Thing', 'a');
  await house.isGone('Thing', 'a');
  await house.restart({});
  expect((await house.client.get(CRD)).metadata.labels).toEqual({ 'petrel.dev/pack': 'things' });
});

it('a definition is left to others where the resource does not say install', async () => {
  house = await openHouse({ thing: declaration('Thing').replace('install: true\n', '') });
  await house.until('the watch waits for it', () =>
    JSON.stringify(house.resources().kinds()).includes('serves no kind Thing'),
  );
  await expect(house.client.get(CRD)).rejects.toMatchObject({ code: 'not_found' });
  await house.client.apply(house.resources().crd('things.thing'));
  await house.create('Thing', 'a', { value: '1' });
  await house.reaches('Thing', 'a', 'Ready', 'True');
});

it('a kind that is not served keeps nobody waiting, whenever the cluster is asked for it again', async () => {
  const ghost = declaration('Ghost').replace(`group: ${GROUP}`, 'group: ghost.example.dev');
  house = await openHouse({ thing: declaration('Thing'), ghost: ghost.replace('install: true\n', '') });
  let asked = false;
  const answer = house.kubernetes.faults.hang({
    path: '/apis/ghost.example.dev',
    matching: () => {
      asked = true;
      return true;
    },
  });
  await house.until('the cluster is asked for it', () => asked);
  await house.create('Thing', 'a', { value: '1' });
  await house.until('the object is seen', () => house.resources().objects('things.thing').length === 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  answer();
  await house.reaches('Thing', 'a', 'Ready', 'True');
});
