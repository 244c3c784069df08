import type { JsonObject } from '../../model/index.ts';
import { type Connection, call, findConnection } from '../client.ts';
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
  const connection = findConnection(options, process.env);
  const { body } = await call(connection, 'GET', `/${kind}?limit=-1`);
  const warnings = kind === 'packs' ? await missingDeclarations(connection) : [];
  print(body, options.json === true, () => table(body as readonly JsonObject[], COLUMNS[kind])); // a list answers an array
  for (const warning of warnings) process.stderr.write(`petrel: warning: ${warning}\n`);
}

/** Packs that are gone while objects of their resources carry a finalizer: those cannot be deleted. */
async function missingDeclarations(connection: Connection): Promise<readonly string[]> {
  const { body } = await call(connection, 'GET', '/resources?limit=-1');
  const kinds = (body as readonly JsonObject[]).filter(({ declared }) => declared === false); // a list answers an array
  return kinds.map(({ ref, pack, problem }) => `The pack ${pack}, which declared ${ref}, is gone. ${problem}`);
}

/** One thing that packs brought, with all its fields. */
export async function get(kind: keyof typeof COLUMNS, ref: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', `/${kind}/${encodeURIComponent(ref)}`);
  const rows = Object.entries(body as JsonObject).map(([field, value = null]) => ({ field, value })); // one thing is an object
  print(body, options.json === true, () => table(rows, [column('FIELD', 'field'), column('VALUE', 'value')]));
}
