// `npm run docs:api`: install, and write the reference in docs/api.md and the client's types (src/client/api-types.ts) anew from the OpenAPI document of a server.
import { join } from 'node:path';
import { install, root } from './install.mjs';

install();
const { createJiti } = await import('jiti');
const jiti = createJiti(import.meta.url);
const { main } = await jiti.import(join(root, 'test', 'api', 'reference.ts'));
await main();
