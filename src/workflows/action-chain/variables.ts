import { isJsonObject, type Json } from '../../model/index.ts';
import type { WorkflowEnvironment } from '../conductor.ts';
import { partOf } from '../references.ts';
import type { Templates, Variables } from '../templates.ts';
import type { ChainState, Entry } from './state.ts';

/** Names and what gives their values; a value is asked for only when a template reads it. */
type Sources = ReadonlyMap<string, () => unknown>;

/** What `vars` may refer to (action-chain.md, section 4). */
export function chainVariables(state: ChainState, environment: WorkflowEnvironment, templates: Templates): Variables {
  const st2kv = { system: systemScope(environment, templates), user: userScope(state, environment, templates) };
  return variables([single('st2kv', st2kv), values(state.parameters)]);
}

/** What a task's parameters may refer to. */
export function taskVariables(state: ChainState, environment: WorkflowEnvironment, templates: Templates): Variables {
  const results = resultsOf(state.latest, environment);
  const system = systemScope(environment, templates);
  return variables([
    values(state.parameters),
    results,
    varsOf(state, environment),
    single('__results', lazily(results)),
    single('system', system),
    single('st2kv', { system }),
    single('action_context', { parent: { execution_id: environment.executionId, ...state.context } }),
    single('config_context', environment.config),
  ]);
}

/** What a task's `publish` may refer to; `entry` is the run of the task that just ended. */
export function publishVariables(
  state: ChainState,
  entry: Entry,
  environment: WorkflowEnvironment,
  templates: Templates,
): Variables {
  const results = resultsOf(new Map(state.latest).set(entry.task, entry), environment);
  const system = systemScope(environment, templates);
  return variables([
    values(state.parameters),
    results,
    varsOf(state, environment),
    single('__results', lazily(results)),
    single('system', system),
    single('st2kv', { system }),
  ]);
}

/** The result of one run of a task, as the result document shows it. */
export function resultOf(entry: Entry, environment: WorkflowEnvironment): Json {
  if (entry.refusal === undefined) return environment.result(entry.executionId);
  return { error: `Failed running task "${entry.task}".. ${entry.refusal}`, traceback: '' };
}

/** Of a task that ran several times the latest result. */
function resultsOf(latest: ChainState['latest'], environment: WorkflowEnvironment): Sources {
  return new Map([...latest].map(([task, entry]) => [task, () => visibleResult(entry, environment)]));
}

/**
 * A result that came while the chain was paused is seen by StackStorm's templates under an extra key `result`. Here it is
 * there as well as where it belongs.
 */
function visibleResult(entry: Entry, environment: WorkflowEnvironment): Json {
  const result = resultOf(entry, environment);
  return entry.changed === true && isJsonObject(result) ? { ...result, result } : result;
}

function varsOf({ vars, references }: ChainState, environment: WorkflowEnvironment): Sources {
  const late = [...references].map(
    ([name, reference]) => [name, () => partOf(environment.result(reference[0]), reference)] as const,
  );
  return new Map([...values(vars), ...late]);
}

function systemScope(environment: WorkflowEnvironment, templates: Templates): unknown {
  return templates.scope((name) => environment.key('system', name));
}

/** User keys are named `user:name`, as StackStorm stores them. */
function userScope(state: ChainState, environment: WorkflowEnvironment, templates: Templates): unknown {
  const { api_user: apiUser, user } = state.context;
  const owner = typeof apiUser === 'string' && apiUser !== '' ? apiUser : typeof user === 'string' ? user : '';
  return templates.scope((name) => environment.key('user', `${owner}:${name}`));
}

function single(name: string, value: unknown): Sources {
  return new Map([[name, () => value]]);
}

function values(record: Readonly<Record<string, unknown>>): Sources {
  return new Map(Object.entries(record).map(([name, value]) => [name, () => value]));
}

/** Later sources win. `__context` names the whole, unless something else is called so. */
function variables(sources: readonly Sources[]): Variables {
  const all = new Map(sources.flatMap((source) => [...source]));
  const record: Variables = lazily(all.has('__context') ? all : new Map([...all, ['__context', () => record]]));
  return record;
}

/** A record whose members are read when they are used. It has no prototype, so no name but its own is to be found in it. */
function lazily(sources: Sources): Variables {
  const record: Record<string, unknown> = Object.create(null);
  for (const [name, get] of sources) Object.defineProperty(record, name, { get, enumerable: true, configurable: true });
  return record;
}
