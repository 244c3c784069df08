import type { JsonObject } from '../../model/index.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';

const displayOf = (alias: JsonObject): string => {
  const formats = Array.isArray(alias.formats) ? alias.formats : [];
  return formats
    .map((format) => (typeof format === 'string' ? format : String((format as JsonObject).display ?? ''))) // text or mapping
    .filter((text) => text !== '')
    .join(' | ');
};

export async function list(options: GlobalOptions & { readonly pack?: string }): Promise<void> {
  const query = new URLSearchParams({ limit: '-1', ...(options.pack !== undefined && { pack: options.pack }) });
  const { body } = await call(findConnection(options, process.env), 'GET', `/actionalias?${query}`);
  const columns = [
    column('REF', 'ref'),
    column('ENABLED', 'enabled'),
    column('ACTION', 'action_ref'),
    { title: 'FORMATS', value: displayOf },
  ];
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}

export async function get(ref: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', `/actionalias/${encodeURIComponent(ref)}`);
  const rows = Object.entries(body as JsonObject).map(([field, value = null]) => ({ field, value })); // one alias is an object
  print(body, options.json === true, () => table(rows, [column('FIELD', 'field'), column('VALUE', 'value')]));
}

export async function match(command: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'POST', '/actionalias/match', { command });
  const columns = [
    column('ALIAS', 'actionalias.ref'),
    column('ACTION', 'actionalias.action_ref'),
    column('FORMAT', 'representation'),
  ];
  print(body, options.json === true, () => table([body as JsonObject], columns)); // a match is an object
}

interface ExecuteOptions extends GlobalOptions {
  readonly user?: string;
  readonly channel?: string;
  readonly route?: string;
}

/** Says a command as a chat would, and prints what is said at once. */
export async function execute(command: string, options: ExecuteOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'POST', '/aliasexecution/match_and_execute', {
    command,
    ...(options.user !== undefined && { user: options.user }),
    ...(options.channel !== undefined && { source_channel: options.channel }),
    ...(options.route !== undefined && { notification_route: options.route }),
  });
  const { results } = body as { readonly results: readonly JsonObject[] }; // as the route answers
  print(body, options.json === true, () => results.map(acknowledgement).join('\n'));
}

function acknowledgement({ message, execution }: JsonObject): string {
  const { id } = execution as JsonObject; // an execution
  const hint = `petrel execution get ${id}`;
  return typeof message === 'string' && message.trim() !== '' ? `${message.trim()}\n  ${hint}` : `Started: ${hint}`;
}

interface HelpOptions extends GlobalOptions {
  readonly pack?: string;
  readonly filter?: string;
}

export async function help(options: HelpOptions): Promise<void> {
  const query = new URLSearchParams({
    ...(options.pack !== undefined && { pack: options.pack }),
    ...(options.filter !== undefined && { filter: options.filter }),
  });
  const { body } = await call(findConnection(options, process.env), 'GET', `/actionalias/help?${query}`);
  const { helpstrings } = body as { readonly helpstrings: readonly JsonObject[] }; // as the route answers
  const columns = [column('PACK', 'pack'), column('SAY', 'display'), column('WHAT IT DOES', 'description')];
  print(body, options.json === true, () => table(helpstrings, columns));
}
