import { type Cipher, type Masker, sealParameters, sealValues } from '../datastore/index.ts';
import { type Jinja, keyLookups } from '../expressions/index.ts';
import type { Action, Execution, Id, JsonObject, ParameterSchemas } from '../model/index.ts';
import { newId, PetrelError } from '../model/index.ts';
import { type RegistrySnapshot, resolveConfig } from '../packs/index.ts';
import type { Inputs } from './inputs.ts';
import { mergeSchemas, renderLive, validateParameters } from './parameters/index.ts';

/** What a request is prepared with. `runnerParameters` answers undefined for an unknown runner type. */
export interface Preparation {
  readonly registry: RegistrySnapshot;
  readonly jinja: Jinja;
  readonly cipher: Cipher;
  readonly masker: Masker;
  readonly inputs: Inputs;
  readonly now: number;
  /** Address of the API; absent: there is none. */
  readonly apiUrl?: string;
  runnerParameters(runnerType: string): ParameterSchemas | undefined;
}

/** A request for one execution, before its parameters are rendered. */
export interface Draft {
  readonly id?: Id;
  readonly actionRef: string;
  readonly parameters: JsonObject;
  readonly user: string;
  readonly context?: JsonObject;
  /** Extra variables for templates, e.g. `trigger`. */
  readonly variables?: JsonObject;
  readonly parent?: Execution;
  readonly taskName?: string;
  readonly ruleRef?: string;
  readonly triggerInstanceId?: Id;
  /** The values are data, rendered before (by a conductor, by an earlier run): they are never templates again. */
  readonly literal?: boolean;
  /** Milliseconds. */
  readonly delay?: number;
  /** Who is told of its end; empty: nobody. Absent: whom the action's metadata names. */
  readonly notify?: JsonObject;
}

/**
 * Renders, casts and validates a request into an execution record (stackstorm-rules.md section 8, jinja reference section 3).
 * Throws `PetrelError`: `not_found`, `invalid`; `MissingInput` through `inputs`. Stores nothing.
 */
export function prepareExecution(preparation: Preparation, draft: Draft): Execution {
  const action = findAction(preparation, draft.actionRef);
  if (preparation.registry.disabledRunners.has(action.runnerType)) {
    throw new PetrelError('invalid', `The runner "${action.runnerType}" of action "${action.ref}" is disabled.`);
  }
  const runnerParameters = runnerParametersOf(preparation, action);
  // Whoever requests it may say more about it, but not that it was somebody else.
  const context: JsonObject = { ...draft.context, user: draft.user, pack: action.pack };
  const parameters = telling(() =>
    renderLive({
      runnerParameters,
      actionParameters: action.parameters,
      values: draft.parameters,
      literal: draft.literal === true,
      variables: draft.variables ?? {},
      actionContext: context,
      config: () => packConfig(preparation, action.pack, draft.user),
      jinja: preparation.jinja,
      key: preparation.inputs.key,
    }),
  );
  const schemas = mergeSchemas(runnerParameters, action.parameters);
  validateParameters(schemas, parameters, action.ref);
  const notify = draft.notify ?? action.notify ?? {};
  const concurrencyKey = renderConcurrencyKey(preparation, action, schemas, parameters, context);
  return {
    id: draft.id ?? newId(),
    actionRef: action.ref,
    runnerType: action.runnerType,
    status: 'requested',
    parameters: sealValues(
      sealParameters(parameters, schemas, preparation.cipher, preparation.masker),
      preparation.cipher,
      preparation.masker,
    ),
    context,
    createdAt: preparation.now,
    attempt: 0,
    log: [{ status: 'requested', timestamp: preparation.now }],
    ...(draft.parent && { parentId: draft.parent.id }),
    ...(draft.taskName !== undefined && { taskName: draft.taskName }),
    ...(draft.ruleRef !== undefined && { ruleRef: draft.ruleRef }),
    ...(draft.triggerInstanceId !== undefined && { triggerInstanceId: draft.triggerInstanceId }),
    // A child with its parent's key would wait for the parent, which waits for the child.
    ...(concurrencyKey !== undefined && concurrencyKey !== draft.parent?.concurrencyKey && { concurrencyKey }),
    ...(Object.keys(notify).length > 0 && { notify: sealValues(notify, preparation.cipher, preparation.masker) }),
    ...(draft.delay !== undefined && draft.delay > 0 && { notBefore: preparation.now + draft.delay }),
  };
}

/** Lets an error tell that it was the rendering that failed: StackStorm keeps such a request as a failed execution. */
function telling<T>(render: () => T): T {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    throw new PetrelError(error.code, error.message, { cause: error, details: { ...error.details, rendering: true } });
  }
}

/** The execution of a request whose parameters could not be rendered, as it was asked for; undefined: that is not what is wrong. */
export function unrendered(preparation: Preparation, draft: Draft, error: unknown): Execution | undefined {
  if (!(error instanceof PetrelError) || error.details.rendering !== true) return undefined;
  const action = preparation.registry.actions.get(draft.actionRef);
  if (action === undefined) return undefined;
  const { cipher, masker, now } = preparation;
  const schemas = mergeSchemas(runnerParametersOf(preparation, action), action.parameters);
  return {
    id: newId(),
    actionRef: action.ref,
    runnerType: action.runnerType,
    status: 'requested',
    parameters: sealValues(sealParameters(draft.parameters, schemas, cipher, masker), cipher, masker),
    context: { ...draft.context, user: draft.user, pack: action.pack },
    createdAt: now,
    attempt: 0,
    log: [{ status: 'requested', timestamp: now }],
  };
}

/**
 * The enabled action of that reference: of a pack's file, else a provided one. Throws `PetrelError`: `not_found`, `invalid` (disabled),
 * `unavailable`; `MissingInput` through `inputs`.
 */
export function findAction({ registry, inputs }: Pick<Preparation, 'registry' | 'inputs'>, ref: string): Action {
  const action = registry.actions.get(ref) ?? inputs.action(ref);
  if (!action.enabled) throw new PetrelError('invalid', `Action "${ref}" is disabled (${action.metadataFile}).`);
  return action;
}

export function runnerParametersOf(
  preparation: Pick<Preparation, 'runnerParameters'>,
  action: Action,
): ParameterSchemas {
  const parameters = preparation.runnerParameters(action.runnerType);
  if (parameters === undefined) {
    throw new PetrelError(
      'invalid',
      `Action "${action.ref}" asks for runner "${action.runnerType}", which this Petrel does not have.`,
    );
  }
  return parameters;
}

/** A pack's configuration with its templates rendered and its secrets decrypted. */
export function packConfig(
  preparation: Pick<Preparation, 'registry' | 'jinja' | 'cipher' | 'masker' | 'inputs'>,
  pack: string,
  user: string,
): JsonObject {
  const content = preparation.registry.packs.get(pack);
  if (content === undefined) return {};
  const { jinja, cipher, masker, inputs } = preparation;
  return resolveConfig(content, {
    render: (template) => jinja.compile(template).render({ st2kv: keyLookups(inputs.key, { user }) }),
    decrypt(ciphertext) {
      const plain = cipher.decrypt(ciphertext);
      masker.add(plain);
      return plain;
    },
    markSecret: masker.add,
  });
}

function renderConcurrencyKey(
  preparation: Preparation,
  action: Action,
  schemas: ParameterSchemas,
  parameters: JsonObject,
  context: JsonObject,
): string | undefined {
  if (action.concurrencyKey === undefined) return undefined;
  const variables: Record<string, unknown> = { action_context: context };
  for (const [name, schema] of Object.entries(schemas)) variables[name] = schema.default;
  return preparation.jinja.compile(action.concurrencyKey).render({ ...variables, ...parameters }) || undefined;
}
