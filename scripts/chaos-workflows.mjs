// `npm run chaos:workflows [-- --kills N]`: install, build, and kill the process at random while workflows run.
import { join } from 'node:path';
import { build, install, root } from './install.mjs';

install();
build();
const { createJiti } = await import('jiti');
const jiti = createJiti(import.meta.url);
const { main } = await jiti.import(join(root, 'test', 'chaos', 'main.ts'));
process.exitCode = await main(process.argv.slice(2));
