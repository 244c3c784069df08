import { z } from 'zod';
import { inspectWorkflow, type KnownActions } from '../../workflows/index.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';

/** /workflows/inspect: what is wrong with a workflow's definition. */
export function workflowRoutes({ registry, provider, runnerParameters }: ApiServices): readonly Route[] {
  const known = (): KnownActions => {
    const { actions } = registry.snapshot();
    return {
      parameters(ref) {
        const action = actions.get(ref);
        return action && { ...runnerParameters(action.runnerType), ...action.parameters };
      },
      mayExist: (ref) => provider?.mayProvide(ref) === true,
    };
  };
  return [
    route({
      method: 'POST',
      path: '/workflows/inspect',
      tag: 'Workflows',
      summary: "What is wrong with a workflow's definition, sent as text/plain; an empty list: nothing",
      body: z.union([z.string(), z.looseObject({})]).meta({ description: 'The definition, YAML.' }),
      answer: z.array(
        z.strictObject({
          type: z.string(),
          message: z.string(),
          schema_path: z.string().nullish(),
          spec_path: z.string().nullish(),
          expression: z.string().optional(),
          language: z.string().optional(),
          line: z.number(),
          column: z.number(),
        }),
      ),
      // A definition that came as JSON is one as well.
      handle: ({ body }) =>
        inspectWorkflow(typeof body === 'string' ? body : JSON.stringify(body), 'workflow.yaml', known()),
    }),
  ];
}
