import type { Action, JsonObject, ParameterSchemas } from '../../src/model/index.ts';
import type { Run } from '../../src/runners/runner.ts';
import { type Datastore, type KubernetesApi, noCluster } from '../../src/sdk/index.ts';

/** A run as the executions room makes it, and what it was told. */
export interface Harness {
  readonly run: Run;
  readonly controller: AbortController;
  readonly secrets: string[];
  streamed(stream: 'stdout' | 'stderr'): string;
}

export interface HarnessOptions {
  readonly runnerParameters?: JsonObject;
  readonly actionParameters?: JsonObject;
  readonly parameters?: ParameterSchemas;
  readonly entryPath?: string;
  readonly environment?: Record<string, string>;
  readonly config?: JsonObject;
  readonly kubernetes?: KubernetesApi;
  /** Called with each piece of output. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', data: string) => void;
}

export function harness(options: HarnessOptions = {}): Harness {
  const controller = new AbortController();
  const secrets: string[] = [];
  const pieces: { stream: 'stdout' | 'stderr'; data: string }[] = [];
  const action: Action = {
    ref: 'demo.subject',
    pack: 'demo',
    name: 'subject',
    enabled: true,
    runnerType: 'noop',
    entryPoint: options.entryPath ?? '',
    entryPath: options.entryPath ?? '',
    parameters: options.parameters ?? {},
    metadataFile: '/packs/demo/actions/subject.yaml',
  };
  const run: Run = {
    execution: { id: '0123456789abcdef01234567', attempt: 1, user: 'stanley' },
    action,
    runnerParameters: options.runnerParameters ?? {},
    actionParameters: options.actionParameters ?? {},
    environment: options.environment ?? { ST2_ACTION_PACK_NAME: 'demo' },
    signal: controller.signal,
    output(stream, data) {
      pieces.push({ stream, data });
      options.onOutput?.(stream, data);
    },
    printedLines: () =>
      pieces
        .filter(({ stream }) => stream === 'stdout')
        .map(({ data }) => data)
        .join('')
        .split('\n').length - 1,
    services: {
      config: options.config ?? {},
      datastore: memoryDatastore(),
      kubernetes: options.kubernetes ?? noCluster(() => new Error('There is no cluster in this test.')),
      markSecret: (value) => secrets.push(value),
      mask: (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, '********'), text),
    },
  };
  return {
    run,
    controller,
    secrets,
    streamed: (stream) =>
      pieces
        .filter((piece) => piece.stream === stream)
        .map((piece) => piece.data)
        .join(''),
  };
}

function memoryDatastore(): Datastore {
  const values = new Map<string, string>();
  return {
    get: async (name) => values.get(name),
    set: async (name, value) => {
      values.set(name, value);
    },
    delete: async (name) => values.delete(name),
    list: async (prefix) =>
      [...values.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name, secret: false })),
  };
}
