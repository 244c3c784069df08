import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { generateClient } from '../../../src/kubernetes/generate/client.ts';
import { loadApiDocument } from '../../../src/kubernetes/openapi/load.ts';
import { testRun } from '../../../src/sdk/index.ts';
import { newModules, removeTemporaryFolders, trialPack } from '../../packs/support.ts';

afterAll(removeTemporaryFolders);

describe('A pack', () => {
  it('uses a generated client as it lies there, in TypeScript', async () => {
    const server = createServer((request, response) =>
      response.end(JSON.stringify([{ name: request.url, kind: 'big' }])),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP listener has one
      const { files } = generateClient(await loadApiDocument(join(import.meta.dirname, 'fixtures/shop-2.0.yaml')));
      const action = `import { defineAction, z } from 'petrel/sdk';
import { listThings } from '../lib/shop/index.js';
export default defineAction({
  input: z.object({ baseUrl: z.string() }),
  run: async ({ input, signal }) => (await listThings(input, { limit: 2 }, { signal })).map(({ name }) => name),
});
`;
      const client = Object.entries(files).map(([name, text]) => [`lib/shop/${name}`, text]);
      const folder = trialPack({ 'actions/list.ts': action, ...Object.fromEntries(client) });
      const loaded = await newModules().loadAction(join(folder, 'actions/list.ts'));
      expect((await testRun(loaded, { input: { baseUrl } })).result).toEqual(['/things?limit=2']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
