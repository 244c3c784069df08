import { basename, extname } from 'node:path';
import type { Action, ParameterSchemas } from '../model/index.ts';
import type { PackDefinition } from './modules.ts';
import { outputSchemaOf, parameterSchemasOf } from './zod-schema.ts';

/** The runner of actions that are written with `defineAction`. */
export const TYPESCRIPT_RUNNER = 'typescript-script';

/** The runner type of workflows that are written with `defineWorkflow`. */
export const TYPESCRIPT_WORKFLOW = 'typescript-workflow';

/** What runs which kind of definition. */
export function runnerTypeOf({ kind }: PackDefinition): string {
  return kind === 'workflow' ? TYPESCRIPT_WORKFLOW : TYPESCRIPT_RUNNER;
}

/**
 * The action that a file with `defineAction` or `defineWorkflow` stands for. `file` is absolute, `metadataFile` relative to the pack's folder. Throws a
 * plain `Error` when the input or output schema cannot be told as JSON schema.
 */
export function actionFromDefinition(
  definition: PackDefinition,
  origin: { readonly pack: string; readonly file: string; readonly metadataFile: string },
): Action {
  const name = definition.name ?? basename(origin.file, extname(origin.file));
  const { description, concurrencyKey } = definition;
  const retry = definition.kind === 'action' ? definition.retry : undefined;
  // An action's own limit is the runner's to keep.
  const timeout = definition.kind === 'workflow' ? definition.timeout : undefined;
  const parameters: ParameterSchemas = parameterSchemasOf(definition.input);
  return {
    ref: `${origin.pack}.${name}`,
    pack: origin.pack,
    name,
    ...(description === undefined ? {} : { description }),
    enabled: true,
    runnerType: runnerTypeOf(definition),
    entryPoint: basename(origin.file),
    entryPath: origin.file,
    parameters,
    ...(definition.output === undefined ? {} : { outputSchema: outputSchemaOf(definition.output) }),
    ...(concurrencyKey === undefined ? {} : { concurrencyKey }),
    ...(retry === undefined
      ? {}
      : { retry: { count: retry.count, delay: retry.delay, maxDelay: retry.maxDelay ?? 60 } }),
    ...(timeout === undefined ? {} : { timeout }),
    metadataFile: origin.metadataFile,
  };
}
