import type { JsonObject } from '../model/index.ts';
import { column, table } from './output.ts';

/** What an action takes, one line each; empty when it takes nothing. `parameters`: names and schemas. */
export function describeParameters(parameters: { readonly [name: string]: unknown }): string {
  const rows = Object.entries(parameters).map(([name, schema]) => ({ name, ...(schema as JsonObject) })); // a schema is an object
  if (rows.length === 0) return '';
  return table(rows, [
    column('PARAMETER', 'name'),
    column('TYPE', 'type'),
    column('REQUIRED', 'required'),
    column('DEFAULT', 'default'),
    { title: 'DESCRIPTION', value: ({ description }: JsonObject) => short(description) },
  ]);
}

/** The first line, cut: what Kubernetes writes of a parameter may be a page. */
function short(text: unknown): string {
  const [line = ''] = typeof text === 'string' ? text.split('\n') : [];
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
