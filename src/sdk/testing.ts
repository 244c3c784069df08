import type { z } from 'zod';
import type { ActionContext, ActionDefinition, Datastore } from './action.ts';
import type { KubernetesApi } from './kubernetes.ts';
import { noCluster } from './no-cluster.ts';

/** What a test gives an action. Everything has a default. */
export interface TestSettings {
  readonly config?: Readonly<Record<string, unknown>>;
  /** What the datastore holds at first. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Default: a cluster whose every operation is refused. `petrel/sandbox` has one that works. */
  readonly kubernetes?: KubernetesApi;
  /** Default 1. A higher one is a run after an earlier one was cut short. */
  readonly attempt?: number;
  readonly user?: string;
}

/** A context to hand to an action's `run`, and what the action did with it. */
export interface TestContext<Input> extends ActionContext<Input> {
  /** Lines logged, with secrets masked as Petrel masks them. */
  readonly logged: readonly { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string }[];
  /** The datastore's present content. Times to live are kept, but nothing expires. */
  readonly keys: ReadonlyMap<string, { readonly value: string; readonly secret: boolean; readonly ttl?: number }>;
  /** Values that the action marked as secret. */
  readonly secrets: ReadonlySet<string>;
  /** Aborts `signal`, as a timeout or a cancellation does. */
  abort(reason?: unknown): void;
}

const MASK = '********';

/**
 * A context for testing an action by itself, without Petrel: `await action.run(testContext({ input: { name: 'x' } }))`. The input is
 * taken as it is; `testRun` validates it first.
 */
export function testContext<Input>(settings: TestSettings & { readonly input: Input }): TestContext<Input> {
  const aborter = new AbortController();
  const secrets = new Set<string>();
  const logged: { level: 'debug' | 'info' | 'warn' | 'error'; message: string }[] = [];
  const log = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string) => {
    let masked = message;
    for (const secret of secrets) if (secret !== '') masked = masked.replaceAll(secret, MASK);
    logged.push({ level, message: masked });
  };
  const keys = new Map<string, { value: string; secret: boolean; ttl?: number }>();
  for (const [name, value] of Object.entries(settings.keys ?? {})) keys.set(name, { value, secret: false });
  const datastore: Datastore = {
    get: async (name) => keys.get(name)?.value,
    async set(name, value, { ttl, secret = false } = {}) {
      if (secret) secrets.add(value);
      keys.set(name, { value, secret, ...(ttl === undefined ? {} : { ttl }) });
    },
    delete: async (name) => keys.delete(name),
    list: async (prefix) =>
      [...keys].filter(([name]) => name.startsWith(prefix)).map(([name, { secret }]) => ({ name, secret })),
  };
  return {
    input: settings.input,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    datastore,
    config: settings.config ?? {},
    signal: aborter.signal,
    execution: { id: '0'.repeat(24), attempt: settings.attempt ?? 1, user: settings.user ?? 'test' },
    kubernetes: settings.kubernetes ?? NO_CLUSTER,
    secret(value) {
      secrets.add(value);
      return value;
    },
    logged,
    keys,
    secrets,
    abort: (reason) => aborter.abort(reason),
  };
}

/**
 * Runs an action as Petrel would: validates `input` against its schema (filling in defaults) and its answer against `output`. Rejects with
 * zod's error when either does not fit, and with whatever the action throws.
 */
export async function testRun<Input extends z.ZodObject, Output extends z.ZodType>(
  action: ActionDefinition<Input, Output>,
  settings: TestSettings & { readonly input: z.input<Input> },
): Promise<{ readonly result: z.output<Output>; readonly context: TestContext<z.output<Input>> }> {
  const input = await action.input.parseAsync(settings.input);
  const context = testContext({ ...settings, input });
  const answer = await action.run(context);
  // Without an output schema the answer's type is unknown, and so is what is returned.
  const result = action.output === undefined ? (answer as z.output<Output>) : await action.output.parseAsync(answer);
  return { result, context };
}

const NO_CLUSTER = noCluster(() => new Error('This test has no cluster: give testContext a `kubernetes`.'));
