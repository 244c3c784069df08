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
  policies: [
    column('REF', 'ref'),
    column('ENABLED', 'enabled'),
    column('TYPE', 'policy_type'),
    column('ACTION', 'resource_ref'),
    column('PARAMETERS', 'parameters'),
  ],
  packs: [column('REF', 'ref'), column('VERSION', 'version'), column('DESCRIPTION', 'description')],
};

/** What packs brought: one line each. */
export async function list(kind: keyof typeof COLUMNS, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', `/${kind}?limit=-1`);
  print(body, options.json === true, () => table(body as readonly JsonObject[], COLUMNS[kind])); // a list answers an array
}

/** One thing that packs brought, with all its fields. */
export async function get(kind: keyof typeof COLUMNS, ref: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', `/${kind}/${encodeURIComponent(ref)}`);
  const rows = Object.entries(body as JsonObject).map(([field, value = null]) => ({ field, value })); // one thing is an object
  print(body, options.json === true, () => table(rows, [column('FIELD', 'field'), column('VALUE', 'value')]));
}
