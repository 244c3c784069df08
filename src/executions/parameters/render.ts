import { castParameter } from '../../expressions/index.ts';
import type { Json, JsonObject, ParameterSchema, ParameterSchemas } from '../../model/index.ts';
import { Graph, type Rendering } from './graph.ts';
import { hasTemplate, schemaOf } from './schemas.ts';

/** A request's parameters. */
export interface LiveRendering extends Rendering {
  /**
   * The supplied values are data that was rendered already, for example by a workflow: they are taken as they are. Default
   * false: they are templates, as everything that StackStorm's API, rules and aliases supply.
   */
  readonly literal?: boolean;
}

/** What running an action needs, split as runners want it. */
export interface FinalParameters {
  readonly runnerParameters: JsonObject;
  readonly actionParameters: JsonObject;
}

/**
 * Stage one, when an execution is requested (stackstorm-jinja-and-datastore.md, section 3.1): renders and casts what was supplied,
 * and adds the parameters whose default is a template. Plain defaults are left to stage two, so that stored parameters show what
 * was asked for. What is rendered is never rendered again.
 *
 * Throws `PetrelError` (`invalid`, in StackStorm's words) and lets `MissingInput` pass.
 */
export function renderLive(rendering: LiveRendering): JsonObject {
  const { values, runnerParameters, actionParameters } = rendering;
  const { templated } = planOf(runnerParameters, actionParameters);
  const literal = rendering.literal === true || !hasTemplate(values);
  if (literal && templated.length === 0 && !takesDefaults(rendering)) return castSupplied(rendering, values);

  const graph = new Graph(rendering, true);
  for (const [name, value = null] of Object.entries(values)) {
    if (literal) graph.addValue(name, value);
    else graph.addTemplate(name, value);
  }
  graph.addDefaults(rendering);
  graph.check();
  // Rendering makes JSON, and parameters and defaults are JSON.
  const resolve = (name: string): Json => graph.resolve(name) as Json;
  const resolved = Object.keys(values).map((name): [string, Json] => [name, resolve(name)]);
  const result = castSupplied(rendering, Object.fromEntries(resolved));
  const added = templated
    .filter(([name]) => !Object.hasOwn(result, name))
    .map(([name, schema]) => [name, castParameter(name, schema, resolve(name))] as const);
  return added.length === 0 ? result : { ...result, ...Object.fromEntries(added) };
}

/**
 * Stage two, before an action runs (section 3.3): stored values are data, missing and immutable parameters get their defaults,
 * rendered; everything is cast and split. Throws as stage one; here a configuration that cannot be resolved is an error.
 */
export function renderFinal(rendering: Rendering): FinalParameters {
  const { runnerParameters: runner, actionParameters: action } = rendering;
  const value = planOf(runner, action).anyTemplate ? rendered(rendering) : supplied(rendering);
  const cast = (names: readonly string[]): JsonObject =>
    Object.fromEntries(names.map((name) => [name, castParameter(name, castSchema(runner, action, name), value(name))]));
  return {
    runnerParameters: cast(Object.keys(runner)),
    actionParameters: cast(Object.keys(action).filter((name) => !Object.hasOwn(runner, name))),
  };
}

function rendered(rendering: Rendering): (name: string) => Json {
  const graph = new Graph(rendering, false);
  for (const [name, value = null] of Object.entries(rendering.values)) graph.addValue(name, value);
  graph.addDefaults(rendering);
  graph.check();
  return (name) => graph.resolve(name) as Json; // as in stage one
}

/** The same where no default is a template. */
function supplied({ values, variables, runnerParameters, actionParameters }: Rendering): (name: string) => Json {
  return (name) => {
    const schema = schemaOf(actionParameters, name) ?? schemaOf(runnerParameters, name);
    const given = Object.hasOwn(values, name) ? values[name] : Object.hasOwn(variables, name) ? variables[name] : null;
    if (given !== undefined && given !== null && schema?.immutable !== true) return given;
    return schema?.default ?? schemaOf(runnerParameters, name)?.default ?? null;
  };
}

/** The runner's schema decides how a value is cast when both have the name. */
function castSchema(runner: ParameterSchemas, action: ParameterSchemas, name: string): ParameterSchema | undefined {
  return schemaOf(runner, name) ?? schemaOf(action, name);
}

/** From entries, because names come from outside: assigning to `__proto__` would not make a member. */
function castSupplied({ runnerParameters, actionParameters }: Rendering, values: JsonObject): JsonObject {
  const entries = Object.entries(values).map(([name, value = null]) => {
    const schema = castSchema(runnerParameters, actionParameters, name);
    return [name, castParameter(name, schema, value)] as const;
  });
  return Object.fromEntries(entries);
}

/** Whether a default takes the place of something supplied: of null, and of what is immutable. */
function takesDefaults({ values, runnerParameters, actionParameters }: Rendering): boolean {
  return Object.entries(values).some(
    ([name, value]) =>
      value === null ||
      schemaOf(actionParameters, name)?.immutable === true ||
      schemaOf(runnerParameters, name)?.immutable === true,
  );
}

interface Plan {
  /** Parameters that stage one adds: those whose default is a template. */
  readonly templated: readonly (readonly [string, ParameterSchema])[];
  /** Whether any default holds a template. */
  readonly anyTemplate: boolean;
}

const plans = new WeakMap<ParameterSchemas, WeakMap<ParameterSchemas, Plan>>();

/** What the defaults of an action ask for, worked out once: most have no template, and then nothing is to be done. */
function planOf(runner: ParameterSchemas, action: ParameterSchemas): Plan {
  let ofRunner = plans.get(runner);
  if (ofRunner === undefined) {
    ofRunner = new WeakMap();
    plans.set(runner, ofRunner);
  }
  let plan = ofRunner.get(action);
  if (plan === undefined) {
    const withTemplate = [action, runner]
      .flatMap((schemas) => Object.entries(schemas))
      .filter(([, schema]) => hasTemplate(schema.default));
    plan = {
      anyTemplate: withTemplate.length > 0,
      // As StackStorm: only text counts here; lists and objects with templates in them wait for stage two.
      templated: withTemplate.filter(([, schema]) => schema.immutable !== true && typeof schema.default === 'string'),
    };
    ofRunner.set(action, plan);
  }
  return plan;
}
