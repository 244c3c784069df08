// `npm run chaos:watch [-- --changes N --real]`: install, build, and watch a cluster whose API server misbehaves while the process is killed at random.
import { join } from 'node:path';
import { build, install, root } from './install.mjs';

install();
build();
const { createJiti } = await import('jiti');
const jiti = createJiti(import.meta.url);
const { main } = await jiti.import(join(root, 'test', 'chaos', 'watch-main.ts'));
process.exitCode = await main(process.argv.slice(2));
