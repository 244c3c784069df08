import { PetrelError } from '../../model/index.ts';
import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, printFields, printList } from '../output.ts';

interface RegisterOptions extends GlobalOptions {
  readonly types?: readonly string[];
}

export async function register(packs: readonly string[], options: RegisterOptions): Promise<void> {
  const body = { ...(packs.length > 0 && { packs }), ...(options.types !== undefined && { types: options.types }) };
  const counts = await (await connect(options)).call('POST /packs/register', { body });
  await print(counts, options, () =>
    Object.entries(counts)
      .map(([kind, count]) => `${kind}: ${count}`)
      .join('\n'),
  );
}

export async function search(query: string, options: GlobalOptions): Promise<void> {
  const found = await (await connect(options)).call('POST /packs/index/search', { body: { query } });
  await printList(
    found,
    [column('NAME', 'name'), column('VERSION', 'version'), column('DESCRIPTION', 'description')],
    options,
  );
}

export async function show(pack: string, options: GlobalOptions): Promise<void> {
  const found = await (await connect(options)).call('POST /packs/index/search', { body: { pack } });
  const one = Array.isArray(found) ? found[0] : found;
  if (one === undefined || one === null) {
    throw new PetrelError('not_found', `No pack "${pack}" is known here; petrel pack list shows those that are.`);
  }
  await printFields(one, options);
}
