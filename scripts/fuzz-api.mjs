// `npm run fuzz:api [-- --cases N --seed N]`: install, and send the API whatever its own OpenAPI document allows, or almost.
import { join } from 'node:path';
import { install, root } from './install.mjs';

install();
const { createJiti } = await import('jiti');
const jiti = createJiti(import.meta.url);
const { main } = await jiti.import(join(root, 'test', 'api', 'fuzzing.ts'));
process.exitCode = await main(process.argv.slice(2));
