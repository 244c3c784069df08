import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installChainKind } from '../../src/cli/story/chain.ts';
import { must, untilTrue } from '../../src/cli/story/step.ts';
import type { Execution } from '../../src/model/index.ts';
import type { KubernetesObject } from '../../src/sdk/index.ts';
import { CHAIN_PACK } from '../../src/shipped-packs.ts';
import { type House, openHouse, silent } from './house.ts';

const API_VERSION = 'example.dev/v1';
let house: House;

beforeEach(async () => {
  house = await openHouse();
  await house.startPetrel();
  await installChainKind(house.setting());
});
afterEach(() => house.close());

async function post(
  name: string,
  spec: object = {},
  namespace = 'shop',
  labels: Record<string, string> = {},
): Promise<KubernetesObject> {
  return await house.world.kubernetes.create({
    apiVersion: API_VERSION,
    kind: 'MysqlDb',
    metadata: { name, namespace, labels },
    spec,
  });
}

interface Status {
  readonly phase?: string;
  readonly message?: string;
  readonly endpoint?: string;
}

/** Waits until the resource is in that phase. */
async function phase(name: string, wanted: string, namespace = 'shop'): Promise<Status> {
  const { status } = await untilTrue(silent, `${name} is ${wanted}`, async () => {
    const object = must(await house.world.database(API_VERSION, namespace, name), 'the resource is gone');
    const status = (object.status ?? {}) as Status; // the status of the pack's CRD
    must(status.phase === wanted, `its phase is ${status.phase}: ${status.message}`);
    return { detail: '', status };
  });
  return status;
}

async function nothingLeft(): Promise<void> {
  await untilTrue(silent, 'nothing is left', async () => {
    must(house.rds.listInstances().length === 0, `${house.rds.listInstances().length} instances are left`);
    must(house.consul.listKeys().size === 0, 'Consul keys are left');
    must(house.vault.listSecrets().length === 0, 'Vault secrets are left');
    return { detail: '' };
  });
}

async function remove(name: string, namespace = 'shop'): Promise<void> {
  await house.world.kubernetes.delete({ apiVersion: API_VERSION, kind: 'MysqlDb', namespace, name });
}

async function chains(action: string): Promise<readonly Execution[]> {
  const { items } = await house.server().store.listExecutions({ actionRef: action }, { limit: 100, offset: 0 });
  return items;
}

describe('what a team may post', () => {
  it('keeps a template in a label as text', async () => {
    const spec = { size: 'small' };
    await house.world.kubernetes.create({
      apiVersion: API_VERSION,
      kind: 'MysqlDb',
      metadata: { name: 'hostile', namespace: 'shop', annotations: { note: '{{ 7*7 }}' } },
      spec,
    });
    await phase('hostile', 'Ready');
    const { items } = await house
      .server()
      .store.listTriggerInstances({ trigger: 'kubernetes.resource' }, { limit: 100, offset: 0 });
    const shown = JSON.stringify(items);
    expect(shown).toContain('{{ 7*7 }}');
    expect(shown).not.toContain('"49"');
    await remove('hostile');
    await nothingLeft();
  });

  it.each(['9to5', 'a.b.c', 'x--y', 'n'.repeat(200)])(
    'gives a database to the name %s, which RDS would refuse',
    async (name) => {
      await post(name);
      await phase(name, 'Ready');
      await remove(name);
      await nothingLeft();
    },
  );

  it('says in the status that a size is not configured, and creates nothing', async () => {
    await post('odd', { size: 'gigantic' });
    const { message } = await phase('odd', 'Failed');
    expect(message).toContain('size "gigantic", which is not configured');
    expect(message).toContain('small, medium, large, huge');
    expect(house.rds.listInstances()).toEqual([]);
    await remove('odd');
    await nothingLeft();
  });

  it('keeps two resources with one name in two namespaces apart', async () => {
    await house.world.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    await post('orders', {}, 'shop');
    await post('orders', {}, 'other');
    const first = await phase('orders', 'Ready', 'shop');
    const second = await phase('orders', 'Ready', 'other');
    expect(first.endpoint).not.toEqual(second.endpoint);
    expect(house.rds.listInstances()).toHaveLength(2);
    await remove('orders', 'shop');
    await untilTrue(silent, 'one is left', async () => {
      must(house.rds.listInstances().length === 1, 'both are there');
      return { detail: '' };
    });
    expect(house.vault.listSecrets()).toEqual(['mysqldb/other/orders']);
    await remove('orders', 'other');
    await nothingLeft();
  });

  it('gives a resource that was deleted and posted again under the same name a database of its own', async () => {
    await post('orders');
    await phase('orders', 'Ready');
    await remove('orders');
    await post('orders', { size: 'medium' });
    await phase('orders', 'Ready');
    await untilTrue(silent, 'only the second instance is left', async () => {
      const classes = house.rds.listInstances().map(({ instanceClass }) => instanceClass);
      must(JSON.stringify(classes) === '["db.m5.large"]', `instances: ${classes}`);
      return { detail: '' };
    });
    expect(house.vault.readSecret('mysqldb/shop/orders')).toBeDefined();
    await remove('orders');
    await nothingLeft();
  });
});

describe('services in trouble', () => {
  it('repeats while RDS answers 503, and says why when it then answers 400', async () => {
    house.rds.faults.fail({ status: 503, code: 'ServiceUnavailable', count: 3 });
    await post('slow');
    await phase('slow', 'Ready');
    house.rds.faults.fail({ status: 400, code: 'InvalidParameterCombination', count: 100, action: 'CreateDBInstance' });
    await post('bad');
    const { message } = await phase('bad', 'Failed');
    expect(message).toContain('InvalidParameterCombination');
    const failed = await untilTrue(silent, 'the chain has failed', async () => {
      const found = (await chains('mysqldb.create_chain')).find(
        ({ parameters, status }) => parameters.name === 'bad' && status === 'failed',
      );
      return { detail: '', execution: must(found, 'no failed chain') };
    });
    const result = JSON.stringify(await house.server().store.getResult(failed.execution.id));
    expect(result).toContain('InvalidParameterCombination');
  });

  it('waits out a Consul that is down in the middle of the chain, without a second database', async () => {
    await house.consul.stop();
    await post('orders');
    await untilTrue(silent, 'the chain is at Consul', async () => {
      const [chain] = await chains('mysqldb.create_chain');
      const { items } = await house
        .server()
        .store.listExecutions({ parentId: chain?.id ?? '' }, { limit: 100, offset: 0 });
      must(
        items.find(({ taskName }) => taskName === 'configuration'),
        'not yet',
      );
      return { detail: '' };
    });
    await house.consul.start();
    await phase('orders', 'Ready');
    expect(house.rds.listInstances()).toHaveLength(1);
    await remove('orders');
    await nothingLeft();
  });

  it('notices everything although the API server closes watches, forgets history and goes away', async () => {
    await post('before');
    await phase('before', 'Ready');
    house.kubernetes.faults.closeWatches();
    await post('closed');
    await phase('closed', 'Ready');
    house.kubernetes.faults.expireOpenWatches();
    house.kubernetes.faults.compact();
    await post('expired');
    await phase('expired', 'Ready');
    await house.kubernetes.faults.stop();
    await house.kubernetes.faults.start();
    // Our own connections died with the server, too.
    await untilTrue(silent, 'the API server is back', async () => {
      await house.world.kubernetes.list(API_VERSION, 'MysqlDb');
      return { detail: '' };
    });
    await post('away');
    await phase('away', 'Ready');
    expect(await chains('mysqldb.create_chain')).toHaveLength(4);
    for (const name of ['before', 'closed', 'expired', 'away']) await remove(name);
    await nothingLeft();
  });

  it('cleans up what was deleted while it was down, and repeats nothing', async () => {
    await post('gone');
    await post('stays');
    await phase('gone', 'Ready');
    await phase('stays', 'Ready');
    await house.stopPetrel();
    await remove('gone');
    house.kubernetes.faults.compact();
    await house.startPetrel();
    await untilTrue(silent, 'the deleted one is cleaned up', async () => {
      must(house.rds.listInstances().length === 1, 'its instance is there');
      must(house.vault.listSecrets().length === 1, 'its secret is there');
      return { detail: '' };
    });
    expect(await chains('mysqldb.create_chain')).toHaveLength(2);
    expect(await chains('mysqldb.delete_chain')).toHaveLength(1);
    await remove('stays');
    await nothingLeft();
  });
});

describe('broken packs', () => {
  it('serves everything else beside a malformed rule and a chain that refers to a missing task', async () => {
    const packs = join(house.directory, 'packs');
    const broken = join(packs, 'broken');
    await mkdir(join(broken, 'rules'), { recursive: true });
    await mkdir(join(broken, 'actions', 'chains'), { recursive: true });
    await writeFile(join(broken, 'pack.yaml'), 'name: broken\ndescription: broken\nversion: 1.0.0\nauthor: test\n');
    await writeFile(join(broken, 'rules', 'bad.yaml'), 'name: bad\ntrigger: [unclosed\n');
    await writeFile(join(broken, 'actions', 'good.yaml'), 'name: good\nrunner_type: noop\n');
    await writeFile(
      join(broken, 'actions', 'chained.yaml'),
      'name: chained\nrunner_type: action-chain\nentry_point: chains/chain.yaml\n',
    );
    await writeFile(
      join(broken, 'actions', 'chains', 'chain.yaml'),
      'chain:\n  - name: one\n    ref: core.noop\n    on-success: two\n',
    );
    await house.stopPetrel();
    const server = await house.startPetrel({ packs: [packs, CHAIN_PACK] });
    const { problems } = server.registry.snapshot();
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.find(({ file }) => file.endsWith('rules/bad.yaml'))).toMatchObject({ line: expect.any(Number) });
    expect(errors.find(({ file }) => file.endsWith('chains/chain.yaml'))).toMatchObject({
      line: 4,
      message: expect.stringContaining('two'),
    });
    const good = await server.executions.request({ actionRef: 'broken.good', parameters: {}, user: 'test' });
    expect((await server.executions.wait(good.id)).status).toBe('succeeded');
    await post('orders');
    await phase('orders', 'Ready');
  });

  it.each([
    ['as text', undefined, '{{ 7*7 }}'],
    ['as a template again when the pack says reevaluate_data', 'reevaluate_data: true\n', '49'],
  ])('hands text that looks like a template through a chain %s', async (_how, config, outcome) => {
    const packs = join(house.directory, 'packs');
    const relay = join(packs, 'relay');
    const files = {
      'pack.yaml': 'name: relay\ndescription: relay\nversion: 1.0.0\nauthor: test\n',
      'triggers/event.yaml': 'name: event\n',
      'rules/rule.yaml':
        'name: rule\nenabled: true\ntrigger: {type: relay.event}\naction: {ref: relay.chain, parameters: {text: "{{ trigger.text }}"}}\n',
      'actions/chain.yaml':
        'name: chain\nrunner_type: action-chain\nentry_point: chains/chain.yaml\nparameters: {text: {type: string}}\n',
      'actions/chains/chain.yaml':
        'chain:\n  - name: one\n    ref: core.echo\n    parameters: {message: "{{ text }}"}\n',
    };
    for (const folder of ['triggers', 'rules', 'actions/chains']) await mkdir(join(relay, folder), { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(join(relay, file), text);
    if (config !== undefined) await writeFile(join(house.directory, 'configs', 'relay.yaml'), config);
    await house.stopPetrel();
    const server = await house.startPetrel({ packs: [packs, CHAIN_PACK] });
    await server.events.dispatch([{ trigger: 'relay.event', parameters: {}, payload: { text: '{{ 7*7 }}' } }]);
    const [chain] = await chains('relay.chain');
    await server.executions.wait(chain?.id ?? '');
    const { items } = await server.store.listExecutions({ parentId: chain?.id ?? '' }, { limit: 1, offset: 0 });
    expect(items[0]?.parameters).toMatchObject({ message: outcome });
    expect(JSON.stringify(await server.store.getResult(items[0]?.id ?? ''))).toContain(outcome);
  });
});
