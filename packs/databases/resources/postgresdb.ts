import { defineResource } from 'petrel/sdk';
import { COLUMNS, GROUP, handlersFor, specFor } from '../lib/kinds.ts';

const kind = { group: GROUP, version: 'v1', kind: 'PostgresDb' };

export default defineResource({
  description: 'A PostgreSQL database.',
  group: kind.group,
  kind: kind.kind,
  versions: [{ name: kind.version, spec: specFor({}) }],
  columns: COLUMNS,
  ...handlersFor({ ...kind, engine: 'postgres' }),
});
