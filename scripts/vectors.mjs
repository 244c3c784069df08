// `npm run vectors -- [DIR] [--verbose]`: install, and run the vector files under DIR (default test/vectors) against the sources.
import { join } from 'node:path';
import { install, root } from './install.mjs';

install();
const { createJiti } = await import('jiti');
const jiti = createJiti(import.meta.url);
const { main } = await jiti.import(join(root, 'test', 'conformance', 'main.ts'));
process.exitCode = main(process.argv.slice(2), join(root, 'test', 'vectors'));
