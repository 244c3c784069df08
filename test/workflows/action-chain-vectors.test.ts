import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FinalStatus, Json, JsonObject, ParameterSchemas } from '../../src/model/index.ts';
import { createActionChain } from '../../src/workflows/action-chain/index.ts';
import { jinjaTemplates } from '../../src/workflows/jinja-templates.ts';
import { ChainHost, type Outcome } from './chain-host.ts';

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

const file = new URL('../vectors/workflows/action-chain.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Vector[] };
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
function comparable(result: Json): Json {
  const { traceback: _, tasks, ...rest } = result as { traceback?: Json; tasks?: JsonObject[] };
  const shown = tasks?.map(({ id, name, workflow, state, result: own }) => {
    const { traceback: __, ...ownRest } = own as { traceback?: Json };
    return { id, name, workflow, state, result: ownRest };
  });
  return { tasks: shown, ...rest } as unknown as Json; // it came from JSON
}

function requestsOf(host: ReturnType<typeof hostOf>, from = 0) {
  return host.requests.slice(from).map(({ task, actionRef, parameters, notify }) => ({
    task,
    action: actionRef,
    parameters,
    notify: notify ?? null,
  }));
}

/** Where the reference's own message is an accident (it fails while it reports), only that the run fails the same way counts. */
const ACCIDENT = 'AttributeError';

function check(vector: Vector, rebuild: boolean): void {
  const { expected } = vector;
  const host = hostOf(vector, rebuild);
  host.start();
  if (expected.default !== undefined && host.requests[0] !== undefined) {
    expect(host.requests[0].task).toBe(expected.default);
  }
  if (expected.uncaught !== undefined) {
    expect(host.status).toBe('failed');
    const { error } = host.result as { error: string };
    if (expected.uncaught.class === ACCIDENT) expect(error).toContain('is no JSON');
    else expect(error).toBe(expected.uncaught.message);
  } else {
    expect(host.status).toBe(expected.status);
    expect(comparable(host.result)).toEqual(expected.result);
  }
  expect(requestsOf(host)).toEqual(expected.requests);
  if (vector.resume === undefined) return;
  const before = host.requests.length;
  for (const [child, { status, result }] of Object.entries(vector.resume.children ?? {})) {
    host.change(Number(child.replace('la-', '')), status, result);
  }
  host.resume(vector.resume.resumed_result);
  expect(host.status).toBe(expected.resumed?.status);
  expect(comparable(host.result)).toEqual(expected.resumed?.result);
  expect(requestsOf(host, before)).toEqual(expected.resumed?.requests);
}

describe('an action-chain', () => {
  it.each(cases.filter(({ expected }) => expected.pre_run_error !== undefined))('$name is refused', (vector) => {
    const parse = () => conductor.parse(vector.definition, '<path>');
    expect(parse).toThrow(expect.objectContaining({ code: 'invalid', message: vector.expected.pre_run_error }));
  });

  const runs = cases.filter(({ expected }) => expected.pre_run_error === undefined);
  it.each(runs)('$name runs as recorded', (vector) => check(vector, false));
  it.each(runs)('$name runs as recorded when rebuilt from its journal before each decision', (vector) =>
    check(vector, true),
  );
});
