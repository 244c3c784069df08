import type { Action } from '../../client/index.ts';
import { isJsonObject, type Json } from '../../model/index.ts';
import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';
import { describeParameters } from '../parameters.ts';

const HEAD = ['ref', 'description', 'runner_type', 'entry_point', 'enabled'] as const;

/** Actions: what each is, and what it takes. */
export async function get(refs: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  const actions: Action[] = [];
  for (const ref of refs) actions.push(await client.call('GET /actions/{ref}', { path: { ref } }));
  const [first = null] = actions;
  await print(actions.length === 1 ? first : actions, options, () => actions.map(describe).join('\n\n'));
}

function describe(action: Action): string {
  const rows = HEAD.map((field): { field: string; value: Json } => ({ field, value: action[field] ?? '' }));
  const fields = table(rows, [column('FIELD', 'field'), column('VALUE', 'value')]);
  const parameters = isJsonObject(action.parameters) ? describeParameters(action.parameters) : '';
  return parameters === '' ? fields : `${fields}\n\n${parameters}`;
}

interface CloneOptions extends GlobalOptions {
  readonly force?: boolean;
}

export async function clone(ref: string, pack: string, name: string, options: CloneOptions): Promise<void> {
  const body = { dest_pack: pack, dest_action: name, overwrite: options.force === true };
  const made = await (await connect(options)).call('POST /actions/{ref}/clone', { path: { ref }, body });
  await print(made, options, () => `${made.ref} is made.`);
}
