import { defineAction, z } from 'petrel/sdk';
import { OWNER, ROOT, read } from '../lib.ts';

export default defineAction({
  description: 'All folders of keys with their owners.',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        name: z.string(),
        owner: z.string().optional(),
        state: z.object({ data: z.record(z.string(), z.string()) }),
      }),
    ),
  }),
  async run(context) {
    const folders = new Map<string, Record<string, string>>();
    for (const [path, value] of await read(context, ROOT)) {
      const [folder = '', ...key] = path.split('/');
      const data = folders.get(folder) ?? {};
      data[key.join('/')] = value;
      folders.set(folder, data);
    }
    return {
      items: [...folders].map(([name, { [OWNER]: owner, ...data }]) => ({
        name,
        ...(owner !== undefined && { owner }),
        state: { data },
      })),
    };
  },
});
