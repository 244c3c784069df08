import type { JsonObject } from '../../model/index.ts';
import { parseObject } from '../arguments.ts';
import { call, connect, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

interface DispatchOptions extends GlobalOptions {
  readonly payload: string;
  readonly parameters: string;
  readonly dedupeKey?: string;
}

export async function dispatch(trigger: string, options: DispatchOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'POST', '/webhooks/st2', {
    trigger,
    payload: await parseObject(options.payload, 'payload'),
    parameters: await parseObject(options.parameters, 'parameters'),
    ...(options.dedupeKey !== undefined && { dedupe_key: options.dedupeKey }),
  });
  const id = (body as JsonObject).trigger_instance; // the answer of this route
  print(body, options.json === true, () =>
    id ? `Trigger instance ${id}.` : 'Seen before (same dedupe key); nothing was done.',
  );
}

/** The same event again, as a new one. */
export async function reEmit(id: string, options: GlobalOptions): Promise<void> {
  const answer = await connect(options).call('POST /triggerinstances/{id}/re_emit', { path: { id } });
  print(answer, options.json === true, () => answer.message);
}
