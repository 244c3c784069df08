import { parseObject } from '../arguments.ts';
import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

interface DispatchOptions extends GlobalOptions {
  readonly payload: string;
  readonly parameters: string;
  readonly dedupeKey?: string;
}

export async function dispatch(trigger: string, options: DispatchOptions): Promise<void> {
  const body = {
    trigger,
    payload: await parseObject(options.payload, 'payload'),
    parameters: await parseObject(options.parameters, 'parameters'),
    ...(options.dedupeKey !== undefined && { dedupe_key: options.dedupeKey }),
  };
  const answer = await (await connect(options)).call('POST /webhooks/st2', { body });
  const { trigger_instance: id } = answer;
  await print(answer, options, () =>
    id ? `Trigger instance ${id}.` : 'Seen before (same dedupe key); nothing was done.',
  );
}

/** The same events again, as new ones. */
export async function reEmit(ids: readonly string[], options: GlobalOptions): Promise<void> {
  const client = await connect(options);
  for (const id of ids) {
    const answer = await client.call('POST /triggerinstances/{id}/re_emit', { path: { id } });
    await print(answer, options, () => answer.message);
  }
}
