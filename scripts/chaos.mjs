// `npm run chaos:NAME [-- --kills N | --rounds N]`: install, build, and run test/chaos against the built command.
import { join } from 'node:path';
import { build, install, root } from './install.mjs';

install();
build();
const [name, ...args] = process.argv.slice(2);
const { createJiti } = await import('jiti');
const jiti = createJiti(import.meta.url);
const { main } = await jiti.import(join(root, 'test', 'chaos', 'main.ts'));
process.exitCode = await main(name, args);
