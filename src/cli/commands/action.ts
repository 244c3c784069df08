import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';

interface ListOptions extends GlobalOptions {
  readonly pack?: string;
  readonly limit?: string;
}

/** Actions of packs, and behind them the operations of the cluster. */
export async function list(options: ListOptions): Promise<void> {
  const query = new URLSearchParams({
    limit: options.limit ?? '-1',
    ...(options.pack !== undefined && { pack: options.pack }),
  });
  const { body } = await call(findConnection(options, process.env), 'GET', `/actions?${query}`);
  const columns = [column('REF', 'ref'), column('RUNNER', 'runner_type'), column('DESCRIPTION', 'description')];
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}

/** One action: what it is, and what it takes. */
export async function get(ref: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', `/actions/${encodeURIComponent(ref)}`);
  const action = body as JsonObject; // one action is an object
  print(body, options.json === true, () => {
    const head = ['ref', 'description', 'runner_type', 'entry_point', 'enabled'].map((name) => ({
      field: name,
      value: action[name] ?? '',
    }));
    const parameters = Object.entries(isJsonObject(action.parameters) ? action.parameters : {}).map(
      ([name, schema]) => ({ name, ...(isJsonObject(schema) ? schema : {}) }),
    );
    const fields = table(head, [column('FIELD', 'field'), column('VALUE', 'value')]);
    if (parameters.length === 0) return fields;
    const columns = [
      column('PARAMETER', 'name'),
      column('TYPE', 'type'),
      column('REQUIRED', 'required'),
      column('DEFAULT', 'default'),
      { title: 'DESCRIPTION', value: ({ description }: JsonObject) => short(description) },
    ];
    return `${fields}\n\n${table(parameters, columns)}`;
  });
}

/** The first line, cut: what Kubernetes writes of a parameter may be a page. */
function short(text: Json | undefined): string {
  const [line = ''] = typeof text === 'string' ? text.split('\n') : [];
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
