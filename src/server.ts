/**
 * The composition root: configuration in, running system out. The only place that knows every room; it wires and decides nothing.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { Registry as MetricsRegistry } from 'prom-client';
import { type LoginLimits, type OidcSettings, openAccess } from './access/index.ts';
import { compileFormat } from './aliases/index.ts';
import { type ApiServices, aliasUid, createApi, type HttpSettings, idOf } from './api/index.ts';
import { createCipher, createKeyValueStore, createMasker, openKeyFile, openValues } from './datastore/index.ts';
import {
  createAnnouncements,
  createEventMetrics,
  createEvents,
  createFinishedEvent,
  createInquiryEvent,
  createKeyEvents,
  type Events,
} from './events/index.ts';
import {
  createAliasCommands,
  createEngine,
  createExecutionMetrics,
  createInputs,
  createRunTokens,
  createWorkflowSteps,
  describeRunners,
  type Engine,
  type Preparation,
  packConfig,
  prepareExecution,
  runnerTypes,
  systemDatastore,
} from './executions/index.ts';
import { createJinja } from './expressions/index.ts';
import {
  createDocumentStore,
  createKubernetesClient,
  createOperationCatalogue,
  type KubernetesClient,
  loadKubernetesConfig,
  systemClock,
  type WatchTiming,
} from './kubernetes/index.ts';
import { createLog, type LogLevel } from './log.ts';
import { isFinal, messageOf, type ParameterSchemas, PetrelError } from './model/index.ts';
import { createOperations } from './operations.ts';
import {
  createContentStore,
  createModuleLoader,
  createRegistry,
  lintPack,
  type ModuleLoader,
  type Registry,
} from './packs/index.ts';
import { createChecks } from './readiness.ts';
import { createResources, type Resources } from './resources/index.ts';
import {
  createEgress,
  createPythonHost,
  createRunners,
  type EgressSettings,
  type PythonHost,
  type SshSettings,
  sweepJobs,
} from './runners/index.ts';
import { type Logger, noCluster } from './sdk/index.ts';
import { pythonSensorHost, type Sensors, startSensors, typescriptHost } from './sensors/index.ts';
import { SHIPPED_PACKS } from './shipped-packs.ts';
import { createStoreMetrics, openPostgresStore, openSqliteStore, type Store } from './store/index.ts';
import { version } from './version.ts';
import { createConductors, inspectWorkflow, type LoadedWorkflow, workflowKinds } from './workflows/index.ts';

export interface ServerOptions {
  /** Data directory: database, keys, tokens, caches. Created with mode 0700. */
  readonly data: string;
  /** Directories of packs, first wins; the shipped packs come last. */
  readonly packs?: readonly string[];
  /** Directory of pack configurations; default `configs` in the data directory. */
  readonly configs?: string;
  /** `postgres://...`; default: SQLite in the data directory. */
  readonly database?: string;
  readonly watch?: boolean;
  /** Absent: no cluster. */
  readonly kubernetes?: {
    readonly kubeconfig?: string;
    readonly url?: string;
    readonly token?: string;
    /** Waits of the watches; for tests that cannot wait for minutes. */
    readonly timing?: Partial<WatchTiming>;
  };
  /** How remote shell actions log in and whom they trust. */
  readonly ssh?: SshSettings;
  readonly host?: string;
  readonly port?: number;
  /** The Python of packs. */
  readonly python?: {
    /** Default `python3`. */
    readonly command?: string;
    /** Megabytes of data that one process may hold; 0: no limit. Default 2,048. */
    readonly memory?: number;
    /** Whether actions can import from their pack's `lib/`, as StackStorm's enable_common_libs. Default: yes. */
    readonly commonLibs?: boolean;
  };
  /** Directory of role files; default `rbac` in the data directory. */
  readonly roles?: string;
  /** Absent: users sign in with passwords only. */
  readonly oidc?: OidcSettings;
  readonly api?: Partial<HttpSettings>;
  /** How many logins may fail, by user and by address; default: see `LOGIN_LIMITS`. */
  readonly logins?: LoginLimits;
  /** Where the runner http-request may connect to. */
  readonly http?: EgressSettings;
  /** Milliseconds a process may be silent before its executions are taken from it. Default 30,000. */
  readonly leaseDuration?: number;
  /** The same for sensors of packs. Default 15,000. */
  readonly sensorLease?: number;
  readonly logLevel?: LogLevel;
  /** Default: standard error. */
  readonly logFile?: string;
}

export interface Server {
  /** Address of the API, without a trailing slash. */
  readonly url: string;
  readonly token: string;
  /** Every route there is, as `GET /executions/:`. */
  readonly routes: readonly string[];
  readonly store: Store;
  readonly registry: Registry;
  readonly executions: Engine;
  readonly events: Events;
  /** Absent: no cluster. */
  readonly resources?: Resources;
  /** Stops taking work, gives running actions `grace` milliseconds, and lets everything go. */
  stop(grace?: number): Promise<void>;
}

/**
 * Starts everything. Throws `PetrelError`: `locked` (another process has the data directory), `invalid` (configuration),
 * `unavailable` (the database or the port).
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const now = Date.now;
  await mkdir(options.data, { recursive: true, mode: 0o700 });
  const masker = createMasker();
  const log = createLog({
    level: options.logLevel ?? 'info',
    masker,
    ...(options.logFile !== undefined && { file: options.logFile }),
  });
  const closers: (() => Promise<void> | void)[] = [];
  let stopGrace = 5000;
  const unwind = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const metrics = new MetricsRegistry();
    const observer = createStoreMetrics(metrics);
    const store =
      options.database === undefined
        ? await openSqliteStore({ directory: options.data, observer })
        : await openPostgresStore({ url: options.database, observer });
    closers.push(() => store.close());
    const cipher = createCipher(await openKeyFile(join(options.data, 'keys.json')));
    const token = await openTokenFile(join(options.data, 'admin.token'));
    masker.add(token);
    const keys = createKeyValueStore({
      store,
      cipher,
      masker,
      now,
      onChange: (change) => createKeyEvents(events)(change),
    });
    const decrypt = (ciphertext: string) => {
      const plain = cipher.decrypt(ciphertext);
      masker.add(plain);
      return plain;
    };
    const jinja = createJinja({ decrypt });

    const modules = createModuleLoader({ cacheDirectory: join(options.data, 'cache') });
    const memory = options.python?.memory;
    if (memory !== undefined && !(memory >= 0 && Number.isFinite(memory))) {
      throw new PetrelError(
        'invalid',
        `The memory limit of Python must be a number of megabytes, 0 or more, not ${memory}.`,
      );
    }
    const tokens = createRunTokens(masker);
    const python = createPythonHost({
      data: resolve(options.data),
      log,
      ...(options.python?.command !== undefined && { python: options.python.command }),
      ...(memory !== undefined && { memory }),
      ...(options.python?.commonLibs !== undefined && { commonLibs: options.python.commonLibs }),
    });
    closers.push(() => python.close());
    const packFolder = (pack: string) => registry.snapshot().packs.get(pack)?.manifest.path;
    const runners = createRunners({
      python,
      packFolder,
      loadAction: modules.loadAction,
      findStep: (executionId) => workflows.stepFunction(executionId, prepare),
      findOperation: (name) => operations.get(name),
      version,
      announce: (said) => announcements.announce(said),
      ...(options.ssh && { ssh: options.ssh }),
      egress: createEgress(options.http),
    });
    const runnerSchemas = new Map(
      runnerTypes(runners, workflowKinds).map(({ name, parameters }) => [name, parameters]),
    );
    const runnerParameters = (runnerType: string): ParameterSchemas | undefined => runnerSchemas.get(runnerType);
    const kubernetes = await connectKubernetes(options.kubernetes);
    if (kubernetes !== undefined) closers.push(() => kubernetes.close());
    const provider =
      kubernetes &&
      createOperationCatalogue({
        client: kubernetes,
        documents: createDocumentStore(join(options.data, 'cache', 'openapi'), kubernetes.server),
        log,
        now,
      });
    const packsDirectory = resolve(options.data, 'packs');
    await mkdir(packsDirectory, { recursive: true });
    const configDirectory = resolve(options.configs ?? join(options.data, 'configs'));
    const filesDirectory = join(options.data, 'content');
    const registry = createRegistry({
      packDirectories: [...(options.packs ?? []), packsDirectory, SHIPPED_PACKS],
      baseDirectory: SHIPPED_PACKS,
      configDirectory,
      overridesDirectory: join(options.data, 'overrides'),
      runners: runnerTypes(runners, workflowKinds),
      modules,
      checkAliasFormat: compileFormat,
      ...(provider && { provider }),
      filesDirectory,
      log,
    });
    await registry.load();
    warnWithoutPython(registry, python, log);
    const content = createContentStore({ store, registry, log, filesDirectory });
    await content.load();
    if (store.dialect === 'postgres') closers.push(content.follow());
    if (options.watch === true) closers.push(registry.watch());

    const prepare = (): Preparation => ({
      registry: registry.snapshot(),
      jinja,
      cipher,
      masker,
      inputs: createInputs(store, {
        now,
        open: (result) => openValues(result, cipher, masker),
        ...(provider && { provider }),
      }),
      now: now(),
      runnerParameters,
    });
    const conductors = createConductors({ load: (ref) => loadWorkflow(registry, modules, ref), now, log });
    const workflows = createWorkflowSteps({ store, conductors, now, shared: store.dialect === 'postgres' });
    let apiUrl = '';
    const executions: Engine = createEngine({
      store,
      runners,
      workflows,
      log,
      now,
      ...(options.leaseDuration !== undefined && { leaseDuration: options.leaseDuration }),
      services: {
        cipher,
        masker,
        keys,
        kubernetes: kubernetes ?? noKubernetes,
        tokens,
        prepare,
        environment: (execution, action) => ({
          ST2_ACTION_PACK_NAME: action.pack,
          ST2_ACTION_EXECUTION_ID: execution.id,
          ST2_ACTION_API_URL: `${apiUrl}/api/v1`,
        }),
        sleep: (milliseconds, signal) => sleepFor(milliseconds, undefined, { signal }).catch(() => undefined),
      },
      onFinishing: (execution, outcome) => finishedEvent(execution, outcome),
      onPending: (execution, result) => inquiryEvent(execution, result),
    });
    const events = createEvents({
      store,
      log,
      now,
      prepare,
      requested: executions.announce,
      observer: createEventMetrics(metrics),
    });
    createExecutionMetrics(metrics, { executions, store, now });
    const announcements = createAnnouncements(events, store);
    const inquiryEvent = createInquiryEvent(events);
    const finishedEvent = createFinishedEvent(events, { log, prepare, runnerParameters });

    const configOf = async (pack: string) => {
      const preparation = prepare();
      return await preparation.inputs.evaluate(() => packConfig(preparation, pack, 'petrel'));
    };
    const resources =
      kubernetes &&
      createResources({
        store,
        registry,
        client: kubernetes,
        metrics,
        masker,
        jinja,
        log,
        clock: systemClock,
        random: Math.random,
        open: (result) => openValues(result, cipher, masker),
        config: configOf,
        executions: {
          async prepare(draft) {
            const preparation = prepare();
            return await preparation.inputs.evaluate(() => prepareExecution(preparation, { ...draft, literal: true }));
          },
          announce: executions.announce,
          cancel: executions.cancel,
          onEnd: (listener) =>
            executions.onChange((change) => {
              if (change.type === 'updated' && isFinal(change.execution.status)) listener(change.execution);
            }),
        },
      });

    let sensors: Sensors | undefined;
    const access = await openAccess({
      store,
      cipher,
      events,
      log,
      now,
      adminToken: token,
      runTokens: tokens,
      rolesDirectory: options.roles ?? join(options.data, 'rbac'),
      url: () => apiUrl,
      ...(options.logins && { limits: options.logins }),
      ...(options.oidc && { oidc: { ...options.oidc, ...publicUrlOf(options) } }),
    });
    closers.push(access.keepSwept());

    const aliases = createAliasCommands({
      prepare,
      request: executions.request,
      idOf: (alias) => idOf(aliasUid(alias)),
    });
    const services: ApiServices = {
      store,
      registry,
      aliases,
      jinja,
      readPacks: registry.load,
      content,
      runnerTypes: describeRunners(runners, workflowKinds),
      ...(provider && { provider }),
      executions,
      events,
      keys,
      masker,
      metrics,
      log,
      version,
      access,
      http: httpSettings(options.api),
      requestLog: log.request,
      now,
      runnerParameters,
      sensors: () => sensors?.packs,
      ...(resources && { resources }),
      ...createChecks({ store, executions, now, sensors: () => sensors }),
    };
    const operations = createOperations({
      api: services,
      packsDirectory,
      readPacks: registry.load,
      async prepare({ ref, path }) {
        if (existsSync(join(path, 'requirements.txt'))) await python.prepare({ ref, path });
      },
      lint: (folder) =>
        lintPack(folder, {
          modules,
          runners: runnerTypes(runners, workflowKinds),
          others: [...registry.snapshot().packs.values()].map(({ manifest }) => manifest.path),
          checkAliasFormat: compileFormat,
          inspectWorkflow,
          ...(provider && { provider }),
        }),
    });
    const { app: api, routes } = createApi(services);
    apiUrl = await listen(api, options.host ?? '127.0.0.1', options.port ?? 9101);
    closers.push(() => api.close());
    await executions.start();
    closers.push(() => executions.stop(stopGrace));
    if (kubernetes !== undefined) closers.push(keepSwept(kubernetes, store, log));
    // What rules name is looked up now, so that it is known when their event comes, whether the cluster is there or not.
    const lookUp = () => {
      if (provider === undefined) return;
      const { rules, actions } = registry.snapshot();
      const named = new Set([...rules.values()].map(({ action }) => action.ref));
      for (const ref of named) {
        if (!actions.has(ref)) provider.find(ref).catch((error: unknown) => log.warn(messageOf(error)));
      }
    };
    lookUp();
    closers.push(registry.onChange(lookUp));
    const timing = options.kubernetes?.timing;
    const started = startSensors({
      registry,
      events,
      store,
      log,
      metrics,
      packs: {
        hosts: [
          typescriptHost({ cacheDirectory: join(options.data, 'cache') }),
          pythonSensorHost({ python, packFolder, tokens, apiUrl: () => `${apiUrl}/api/v1` }),
        ],
        datastore: systemDatastore(keys),
        config: configOf,
        ...(options.sensorLease !== undefined && { leaseDuration: options.sensorLease }),
      },
      ...(kubernetes && { kubernetes }),
      ...(timing && { timing }),
    });
    sensors = started;
    closers.push(() => started.stop());
    if (resources !== undefined) {
      resources.start();
      closers.push(() => resources.stop());
    }
    await writePrivate(
      join(options.data, 'server.json'),
      JSON.stringify({ url: apiUrl, pid: process.pid, host: hostname() }),
    );
    closers.push(() => rm(join(options.data, 'server.json'), { force: true }));
    log.info(`Petrel ${version} serves ${apiUrl} (data directory ${options.data}).`);

    return {
      url: apiUrl,
      token,
      routes: [...new Set(routes)].sort(),
      store,
      registry,
      executions,
      events,
      ...(resources && { resources }),
      async stop(grace = stopGrace) {
        stopGrace = grace;
        await unwind();
        log.info('Petrel has stopped.');
        log.flush();
      },
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}

function httpSettings(given: ServerOptions['api'] = {}): HttpSettings {
  const { corsOrigins = [], publicUrl } = given;
  const wrong = corsOrigins.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined) {
    throw new PetrelError(
      'invalid',
      `"${wrong}" is no origin whose pages could be let in; write scheme and host, e.g. https://st2web.example.`,
    );
  }
  const secure = publicUrl?.startsWith('https:') === true;
  return { corsOrigins, secureCookies: secure, apiKeyInUrl: 'webhooks', trustProxy: false, ...given };
}

function publicUrlOf({ api }: ServerOptions): { publicUrl?: string } {
  return api?.publicUrl === undefined ? {} : { publicUrl: api.publicUrl };
}

/** Without a configured cluster everything but Kubernetes works; what needs it says so. */
const noKubernetes = noCluster(
  () =>
    new PetrelError(
      'unavailable',
      'No Kubernetes cluster is configured. Start Petrel with --kubeconfig FILE or --kubernetes-url URL.',
    ),
);

/** The code of a workflow in TypeScript, as the registry knows it now. */
async function loadWorkflow(registry: Registry, modules: ModuleLoader, ref: string): Promise<LoadedWorkflow> {
  const { actions, packs } = registry.snapshot();
  const action = actions.get(ref);
  if (action === undefined) throw new PetrelError('not_found', `The workflow ${ref} is not registered any more.`);
  const folder = packs.get(action.pack)?.manifest.path ?? '';
  return { ...(await modules.loadWorkflow(action.entryPath)), file: relative(folder, action.entryPath) };
}

async function connectKubernetes(settings: ServerOptions['kubernetes']): Promise<KubernetesClient | undefined> {
  if (settings === undefined) return undefined;
  const config = await loadKubernetesConfig({ ...settings, env: process.env });
  return config && createKubernetesClient(config);
}

/** What packs bring in Python fails when it is asked for; that there is none is better known before. */
function warnWithoutPython(registry: Registry, python: PythonHost, log: Logger): void {
  const { actions, sensors } = registry.snapshot();
  const files = [...actions.values(), ...sensors.values()].map(({ entryPath }) => entryPath);
  if (!files.some((file) => file.endsWith('.py'))) return;
  python.check().catch((error: unknown) => log.warn(messageOf(error)));
}

/** Milliseconds until Jobs that nobody needs any more are looked for again: after a look, and after one that failed. */
const SWEEPING = { done: 600_000, failed: 15_000 };

/** Takes away what executions that are over have left in the cluster, now and from time to time. Answers a function that ends it. */
function keepSwept(kubernetes: KubernetesClient, store: Store, log: Logger): () => void {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const isOver = async (id: string) => isFinal((await store.getExecution(id))?.status ?? 'running');
  const sweep = async () => {
    let pause = SWEEPING.done;
    try {
      const removed = await sweepJobs(kubernetes, isOver, ending.signal);
      if (removed > 0) log.info(`${removed} Jobs of executions that are over were taken away.`);
    } catch (error) {
      // Petrel may not be allowed to list them, or the cluster is away.
      log.debug(`Jobs of executions that are over cannot be looked for: ${messageOf(error)}`);
      pause = SWEEPING.failed;
    }
    if (!ending.signal.aborted) timer = setTimeout(sweep, pause).unref();
  };
  void sweep();
  return () => {
    clearTimeout(timer);
    ending.abort();
  };
}

/** The administrator's token, made on the first start. */
async function openTokenFile(path: string): Promise<string> {
  try {
    const token = (await readFile(path, 'utf8')).trim();
    if (token === '')
      throw new PetrelError(
        'invalid',
        `The token file ${path} is empty. Remove it, and the next start makes a new one.`,
      );
    return token;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const token = randomBytes(32).toString('hex');
    await writePrivate(path, token);
    return token;
  }
}

/** Whole or not at all, readable by the owner only. */
async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, `${text}\n`, { mode: 0o600 });
  await rename(draft, path);
}

async function listen(api: ReturnType<typeof createApi>['app'], host: string, port: number): Promise<string> {
  try {
    return await api.listen({ host, port });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new PetrelError(
        'unavailable',
        `Port ${port} on ${host} is taken. Choose another with --port, or --port 0 for any free one.`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}
