import type { RunnerType } from '../executions/index.ts';
import type { JsonObject } from '../model/index.ts';
import { idOf } from './forms.ts';

export function runnerTypeView(type: RunnerType, enabled: boolean): JsonObject {
  const uid = `runner_type:${type.name}`;
  const module = `${type.name.replaceAll('-', '_')}_runner`;
  return {
    id: idOf(uid),
    uid,
    name: type.name,
    description: type.description,
    enabled,
    runner_package: module,
    runner_module: module,
    ...(type.isWorkflow && { query_module: module }),
    ...(type.outputKey !== undefined && { output_key: type.outputKey }),
    output_schema: {},
    runner_parameters: type.parameters,
  };
}
