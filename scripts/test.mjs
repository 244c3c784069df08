// `npm test`: install, build (the end-to-end tests run the built command), and run every test. Arguments go to the runner.
import { join } from 'node:path';
import { build, install, root, run } from './install.mjs';

install();
build();
run(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)]);
