import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderFinal, renderLive } from '../../../src/executions/parameters/index.ts';
import { createJinja } from '../../../src/expressions/index.ts';
import { isJsonObject, type JsonObject, type ParameterSchemas } from '../../../src/model/index.ts';

interface Case {
  readonly id: string;
  readonly runner_parameters: ParameterSchemas;
  readonly action_parameters: ParameterSchemas;
  readonly params: JsonObject;
  readonly additional_context?: JsonObject;
  readonly action_context?: JsonObject;
  readonly config_context?: JsonObject;
  readonly kv?: JsonObject;
  readonly live?: JsonObject;
  readonly runner_result?: JsonObject;
  readonly action_result?: JsonObject;
  readonly error?: string;
  readonly message?: string;
}

const file = new URL('../../vectors/stackstorm/param_rendering.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };

function render(given: Case) {
  const rendering = {
    runnerParameters: given.runner_parameters,
    actionParameters: given.action_parameters,
    actionContext: given.action_context ?? { user: 'stanley', pack: 'examples' },
    config: () => given.config_context ?? {},
    jinja: createJinja(),
    key: (scope: string, name: string) => {
      const keys = given.kv?.[scope];
      const value = isJsonObject(keys) ? keys[name] : undefined;
      return typeof value === 'string' ? value : undefined;
    },
  };
  const live = renderLive({ ...rendering, values: given.params, variables: given.additional_context ?? {} });
  return { live, ...renderFinal({ ...rendering, values: live, variables: {} }) };
}

describe('parameters in two stages, as StackStorm', () => {
  it.each(cases.map((given) => [given.id, given] as const))('%s', (_id, given) => {
    if (given.error === undefined) {
      expect(render(given)).toEqual({
        live: given.live,
        runnerParameters: given.runner_result,
        actionParameters: given.action_result,
      });
    } else {
      const message = given.error === 'ParamException' ? given.message : expect.any(String);
      expect(() => render(given)).toThrow(expect.objectContaining({ code: 'invalid', message }));
    }
  });
});
