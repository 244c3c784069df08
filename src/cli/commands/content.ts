import type { JsonObject } from '../../model/index.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../main.ts';
import { column, print, table } from '../output.ts';

const COLUMNS = {
  rules: [
    column('REF', 'ref'),
    column('ENABLED', 'enabled'),
    column('TRIGGER', 'trigger.type'),
    column('ACTION', 'action.ref'),
  ],
  packs: [column('REF', 'ref'), column('VERSION', 'version'), column('DESCRIPTION', 'description')],
};

/** What packs brought: one line each. */
export async function list(kind: keyof typeof COLUMNS, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', `/${kind}?limit=-1`);
  print(body, options.json === true, () => table(body as readonly JsonObject[], COLUMNS[kind])); // a list answers an array
}
