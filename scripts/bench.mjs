// `npm run bench:NAME`: install, build, and run bench/NAME.mjs against the built code.
import { join } from 'node:path';
import { build, install, root, run } from './install.mjs';

install();
build();
const [name, ...rest] = process.argv.slice(2);
run(process.execPath, [join(root, 'bench', `${name}.mjs`), ...rest]);
