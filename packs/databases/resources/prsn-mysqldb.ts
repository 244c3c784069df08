import { defineResource, z } from 'petrel/sdk';
import { COLUMNS, handlersFor } from '../lib/kinds.ts';

const kind = { group: 'prsn.io', version: 'v1', kind: 'MysqlDb' };

/** What clients of 2016 post. It is converted to today's form when it is read, and handled by the same handlers. */
export default defineResource({
  name: 'prsn-mysqldb',
  description: 'A MySQL or MariaDB database, in the form of 2016.',
  group: kind.group,
  kind: kind.kind,
  versions: [
    {
      name: kind.version,
      spec: z.object({
        engine: z.enum(['mysql', 'mariadb']).default('mysql').describe('The database engine.'),
        engineVersion: z.string().default('8.0').describe("The engine's version."),
        size: z.string().default('small').describe('A size of the class "default".'),
        storageGb: z.int().min(20).max(65536).default(20).describe('Storage in GB. It can grow, not shrink.'),
      }),
      convert: {
        engine: "{{ spec.engine | default('mysql') }}",
        engineVersion: "{{ spec.engineVersion | default('8.0') }}",
        size: "{{ spec.size | default('small') }}",
        storageGb: '{{ spec.storageGb | default(20) }}',
        class: 'default',
      },
    },
  ],
  columns: [{ name: 'Engine', type: 'string', jsonPath: '.spec.engine' }, ...COLUMNS],
  ...handlersFor(kind),
});
