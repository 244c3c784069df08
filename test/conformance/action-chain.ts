import type { FinalStatus, Json, JsonObject, ParameterSchemas } from '../../src/model/index.ts';
import { PetrelError } from '../../src/model/index.ts';
import { createActionChain } from '../../src/workflows/action-chain/index.ts';
import { jinjaTemplates } from '../../src/workflows/jinja-templates.ts';
import { ChainHost, type Outcome } from '../workflows/chain-host.ts';
import { type Kind, plainKind, same, thrownBy } from './check.ts';

interface Vector {
  readonly name: string;
  readonly definition: string;
  readonly actions: Record<string, ParameterSchemas>;
  readonly parameters?: JsonObject;
  readonly runner_parameters?: JsonObject;
  readonly notify?: JsonObject;
  readonly datastore?: { system?: Record<string, string>; user?: Record<string, string> };
  readonly config?: JsonObject;
  readonly outcomes?: Record<string, Outcome[]>;
  readonly flags?: Record<string, 'cancel' | 'pause'>;
  readonly resume?: {
    readonly children?: Record<string, { status: FinalStatus; result: Json }>;
    readonly resumed_result?: Json;
  };
  readonly expected: {
    readonly pre_run_error?: string;
    readonly default?: string;
    readonly status?: string;
    readonly result?: JsonObject;
    readonly uncaught?: { readonly class: string; readonly message: string };
    readonly requests?: readonly JsonObject[];
    readonly resumed?: {
      readonly status: string;
      readonly result: JsonObject;
      readonly requests: readonly JsonObject[];
    };
  };
}

const conductor = createActionChain(jinjaTemplates());

function hostOf(vector: Vector, rebuild: boolean) {
  return new ChainHost(conductor, {
    definition: conductor.parse(vector.definition, '/packs/demo/actions/chain.yaml'),
    parameters: { ...vector.parameters, ...vector.runner_parameters },
    actions: vector.actions,
    ...(vector.notify === undefined ? {} : { notify: vector.notify }),
    ...(vector.datastore === undefined ? {} : { keys: vector.datastore }),
    ...(vector.config === undefined ? {} : { config: vector.config }),
    outcome: (task, run) => vector.outcomes?.[task]?.[run] ?? { status: 'succeeded', result: {} },
    wish: (child) => vector.flags?.[String(child)],
    rebuild,
  });
}

/** The vectors leave out what differs from run to run. */
function comparable(result: Json): unknown {
  const { traceback: _, tasks, ...rest } = result as { traceback?: Json; tasks?: JsonObject[] };
  const shown = tasks?.map(({ id, name, workflow, state, result: own }) => {
    const { traceback: __, ...ownRest } = own as { traceback?: Json };
    return { id, name, workflow, state, result: ownRest };
  });
  return { tasks: shown, ...rest };
}

function requestsOf(host: ReturnType<typeof hostOf>, from = 0) {
  return host.requests.slice(from).map(({ task, actionRef, parameters, notify }) => ({
    task,
    action: actionRef,
    parameters,
    // The reference does not tell apart that nothing was said and that nobody is to be told.
    notify: notify === undefined || Object.keys(notify).length === 0 ? null : notify,
  }));
}

/** Where the reference's own message is an accident (it fails while it reports), only that the run fails the same way counts. */
const ACCIDENT = 'AttributeError';

function check(vector: Vector, rebuild: boolean): void {
  const { expected } = vector;
  const host = hostOf(vector, rebuild);
  host.start();
  if (expected.default !== undefined && host.requests[0] !== undefined) same(host.requests[0].task, expected.default);
  if (expected.uncaught !== undefined) {
    same(host.status, 'failed');
    const { error } = host.result as { error: string };
    if (expected.uncaught.class === ACCIDENT) same(error.includes('is no JSON'), true);
    else same(error, expected.uncaught.message);
  } else {
    same(host.status, expected.status);
    same(comparable(host.result), expected.result);
  }
  same(requestsOf(host), expected.requests);
  if (vector.resume === undefined) return;
  const before = host.requests.length;
  for (const [child, { status, result }] of Object.entries(vector.resume.children ?? {})) {
    host.change(Number(child.replace('la-', '')), status, result);
  }
  host.resume(vector.resume.resumed_result);
  same(host.status, expected.resumed?.status);
  same(comparable(host.result), expected.resumed?.result);
  same(requestsOf(host, before), expected.resumed?.requests);
}

/** An action-chain runs as recorded, also when it is rebuilt from its journal before each decision; or it is refused. */
export const actionChain: Kind = plainKind<Vector>((vector) => {
  const refusal = vector.expected.pre_run_error;
  if (refusal === undefined) {
    check(vector, false);
    check(vector, true);
    return;
  }
  const error = thrownBy(() => conductor.parse(vector.definition, '<path>'));
  if (!(error instanceof PetrelError)) throw new Error('The chain should be refused.', { cause: error });
  same([error.code, error.message], ['invalid', refusal]);
});
