import type { JsonObject } from '../../model/index.ts';
import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';

export async function match(command: string, options: GlobalOptions): Promise<void> {
  const found = await (await connect(options)).call('POST /actionalias/match', { body: { command } });
  const columns = [
    column('ALIAS', 'actionalias.ref'),
    column('ACTION', 'actionalias.action_ref'),
    column('FORMAT', 'representation'),
  ];
  await print(found, options, () => table([found], columns));
}

interface ExecuteOptions extends GlobalOptions {
  readonly user?: string;
  readonly channel?: string;
  readonly route?: string;
}

/** Says a command as a chat would, and prints what is said at once. */
export async function execute(command: string, options: ExecuteOptions): Promise<void> {
  const body = {
    command,
    ...(options.user !== undefined && { user: options.user }),
    ...(options.channel !== undefined && { source_channel: options.channel }),
    ...(options.route !== undefined && { notification_route: options.route }),
  };
  const answer = await (await connect(options)).call('POST /aliasexecution/match_and_execute', { body });
  await print(answer, options, () => answer.results.map(acknowledgement).join('\n'));
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
  const query = { pack: options.pack, filter: options.filter };
  const answer = await (await connect(options)).call('GET /actionalias/help', { query });
  const columns = [column('PACK', 'pack'), column('SAY', 'display'), column('WHAT IT DOES', 'description')];
  await print(answer, options, () => table(answer.helpstrings, columns));
}
