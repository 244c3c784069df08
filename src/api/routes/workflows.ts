import { z } from 'zod';
import { inspectWorkflow } from '../../workflows/index.ts';
import { type Route, route } from '../route.ts';

/** /workflows/inspect: what is wrong with a workflow's definition. */
export function workflowRoutes(): readonly Route[] {
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
      handle: ({ body }) => inspectWorkflow(typeof body === 'string' ? body : JSON.stringify(body), 'workflow.yaml'),
    }),
  ];
}
