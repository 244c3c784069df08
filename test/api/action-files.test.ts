import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({
    'shop/pack.yaml': MANIFEST('shop'),
    'shop/actions/record.yaml': 'name: record\nrunner_type: noop\nparameters: {data: {type: object}}\n',
    'shop/rules/written.yaml':
      'name: written\nenabled: true\ntrigger: {type: core.st2.action.file_written}\naction: {ref: shop.record, parameters: {data: "{{ trigger }}"}}\n',
  });
});
afterAll(() => house.stop());

const action = (content: string, more: object = {}) => ({
  name: 'hello',
  pack: 'shop',
  runner_type: 'local-shell-script',
  entry_point: 'hello.sh',
  data_files: [
    { file_path: 'hello.sh', content },
    { file_path: 'words/hello.txt', content: 'hello\n' },
  ],
  ...more,
});

/** What the rule was told so far, oldest first. */
async function told(): Promise<JsonObject[]> {
  const { list } = await house.ask('GET', '/executions?action=shop.record');
  return list.map(({ parameters }) => (parameters as JsonObject).data as JsonObject).reverse(); // of the rule
}

describe('core.st2.action.file_written', () => {
  it('tells of each file that came with an action: when it is made, and when it is replaced', async () => {
    expect((await house.ask('POST', '/actions', action('#!/bin/sh\necho one\n'))).status).toBe(201);
    const [script, words, ...others] = await told();
    expect([script, words]).toMatchObject([
      { ref: 'shop.hello', file_path: expect.stringMatching(/\/shop\/actions\/hello\.sh$/) },
      { ref: 'shop.hello', file_path: expect.stringMatching(/\/shop\/actions\/words\/hello\.txt$/) },
    ]);
    expect(others).toEqual([]);
    expect(script?.host_info).toEqual({ hostname: hostname() });
    expect(isAbsolute(String(script?.file_path))).toBe(true);
    expect(readFileSync(String(script?.file_path), 'utf8')).toBe('#!/bin/sh\necho one\n');

    expect((await house.ask('PUT', '/actions/shop.hello', action('#!/bin/sh\necho two\n'))).status).toBe(200);
    expect(await told()).toHaveLength(4);
  });

  it('says nothing of an action that is refused, and of one without files', async () => {
    const before = (await told()).length;
    const refused = await house.ask('POST', '/actions', action('x', { name: 'bad', runner_type: 'none' }));
    expect(refused.status).toBe(400);
    const plain = { name: 'plain', pack: 'shop', runner_type: 'noop' };
    expect((await house.ask('POST', '/actions', plain)).status).toBe(201);
    expect(await told()).toHaveLength(before);
  });
});
