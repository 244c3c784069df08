// `npm run fuzz:expressions [-- --cases N --seed N]`: install, and hold any expression to what must be true of all.
import { join } from 'node:path';
import { install, root } from './install.mjs';

install();
const { createJiti } = await import('jiti');
const jiti = createJiti(import.meta.url);
const { main } = await jiti.import(join(root, 'test', 'fuzz', 'main.ts'));
process.exitCode = main(process.argv.slice(2));
