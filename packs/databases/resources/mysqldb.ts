import { defineResource, z } from 'petrel/sdk';
import { COLUMNS, GROUP, handlersFor, specFor } from '../lib/kinds.ts';

const kind = { group: GROUP, version: 'v1', kind: 'MysqlDb' };

export default defineResource({
  description: 'A MySQL or MariaDB database.',
  group: kind.group,
  kind: kind.kind,
  versions: [
    {
      name: kind.version,
      spec: specFor({ engine: z.enum(['mysql', 'mariadb']).default('mysql').describe('The database engine.') }),
    },
  ],
  columns: [{ name: 'Engine', type: 'string', jsonPath: '.spec.engine' }, ...COLUMNS],
  ...handlersFor(kind),
});
