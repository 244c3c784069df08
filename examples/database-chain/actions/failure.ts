import { defineAction, z } from 'petrel/sdk';

export default defineAction({
  description: 'Finds out of the results of a chain why it failed: the last task that did, and what it said.',
  input: z.object({
    results: z.record(z.string(), z.unknown()).describe('Task name to result, `__results` of the chain.'),
  }),
  output: z.object({ task: z.string(), reason: z.string(), message: z.string() }),
  async run({ input }) {
    for (const [task, result] of Object.entries(input.results).reverse()) {
      const failed = z.object({ error: z.string().min(1) }).safeParse(result);
      if (failed.success) return { task, reason: `${pascalCase(task)}Failed`, message: failed.data.error };
    }
    return { task: '', reason: 'Failed', message: 'A task failed without saying why.' };
  },
});

/** Kubernetes wants a condition's reason in CamelCase. */
function pascalCase(name: string): string {
  return name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
