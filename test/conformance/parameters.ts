import { renderFinal, renderLive } from '../../src/executions/parameters/index.ts';
import { createJinja } from '../../src/expressions/index.ts';
import { isJsonObject, type JsonObject, type ParameterSchemas, PetrelError } from '../../src/model/index.ts';
import { type Kind, plainKind, same, thrownBy } from './check.ts';

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

const jinja = createJinja();

function render(given: Case) {
  const rendering = {
    runnerParameters: given.runner_parameters,
    actionParameters: given.action_parameters,
    actionContext: given.action_context ?? { user: 'stanley', pack: 'examples' },
    config: () => given.config_context ?? {},
    jinja,
    key: (scope: string, name: string) => {
      const keys = given.kv?.[scope];
      const value = isJsonObject(keys) ? keys[name] : undefined;
      return typeof value === 'string' ? value : undefined;
    },
  };
  const live = renderLive({ ...rendering, values: given.params, variables: given.additional_context ?? {} });
  return { live, ...renderFinal({ ...rendering, values: live, variables: {} }) };
}

/** An action's parameters, resolved in two stages. */
export const parameterRendering: Kind = plainKind<Case>((given) => {
  if (given.error === undefined) {
    const { live, runner_result: runnerParameters, action_result: actionParameters } = given;
    same(render(given), { live, runnerParameters, actionParameters });
    return;
  }
  const error = thrownBy(() => render(given));
  if (!(error instanceof PetrelError) || error.code !== 'invalid') {
    throw new Error(`It should be refused (${given.error}).`, { cause: error });
  }
  if (given.error === 'ParamException') same(error.message, given.message);
});
