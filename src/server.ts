/**
 * The composition root: configuration in, running system out. The only place that knows every room; it wires and decides nothing.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { Registry as MetricsRegistry } from 'prom-client';
import { openAccess } from './access/index.ts';
import { compileFormat } from './aliases/index.ts';
import { type ApiServices, aliasUid, createApi, idOf } from './api/index.ts';
import { createKeyValueStore, createMasker, openValues } from './datastore/index.ts';
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
  runnerTypes,
  systemDatastore,
} from './executions/index.ts';
import { createJinja } from './expressions/index.ts';
import { systemClock } from './kubernetes/index.ts';
import { createLog } from './log.ts';
import { isFinal, type ParameterSchemas } from './model/index.ts';
import { createOperations } from './operations.ts';
import { createModuleLoader, lintPack, type Registry } from './packs/index.ts';
import { createResources, type Resources } from './resources/index.ts';
import { createEgress, createRunners, lintPython } from './runners/index.ts';
import { pythonSensorHost, type Sensors, startSensors, typescriptHost } from './sensors/index.ts';
import {
  connectKubernetes,
  createChecks,
  createClosers,
  forResources,
  httpSettings,
  keepJobsSwept,
  keepLookedUp,
  listen,
  loadWorkflow,
  noKubernetes,
  openCatalogue,
  openCipher,
  openPacks,
  openPython,
  openStore,
  openTokenFile,
  openTracing,
  warnWithoutPython,
  writePrivate,
} from './server/index.ts';
import type { ServerOptions } from './server-options.ts';
import { SHIPPED_PACKS, shippedPackFolders } from './shipped-packs.ts';
import type { Store } from './store/index.ts';
import { version } from './version.ts';
import { createConductors, inspectWorkflow, workflowKinds } from './workflows/index.ts';

export type { ServerOptions };

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
  const closers = createClosers();
  let stopGrace = 5000;
  try {
    const metrics = new MetricsRegistry();
    const store = await openStore(options, metrics);
    closers.push(() => store.close());
    const cipher = await openCipher(options);
    const token = await openTokenFile(join(options.data, 'admin.token'));
    masker.add(token);
    const tracing = openTracing(options.tracing ?? {}, { store, masker, metrics, log, now, version });
    if (tracing !== undefined) closers.push(() => tracing.close());
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
    const tokens = createRunTokens(masker);
    const python = openPython(options.data, options.python, log);
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
    const provider = kubernetes && openCatalogue(kubernetes, options.data, { log, now });
    const { registry, content, packsDirectory } = await openPacks(options, {
      store,
      log,
      closers,
      modules,
      runners: runnerTypes(runners, workflowKinds),
      shipped: SHIPPED_PACKS,
      ...(provider && { provider }),
    });
    warnWithoutPython(registry, python, log);

    let apiUrl = '';
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
      ...(apiUrl !== '' && { apiUrl: `${apiUrl}/api/v1` }),
      runnerParameters,
    });
    const conductors = createConductors({ load: (ref) => loadWorkflow(registry, modules, ref), now, log });
    const workflows = createWorkflowSteps({ store, conductors, now, shared: store.dialect === 'postgres' });
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
          ...(tracing && { TRACEPARENT: tracing.traceparent(execution) }),
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
      ...(tracing && { trace: tracing.event }),
    });
    executions.onChange((change) => {
      if (change.type !== 'updated' || !isFinal(change.execution.status)) return;
      log.ended(change.execution);
      tracing?.ended(change.execution);
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
        executions: forResources(executions, prepare),
      });

    let sensors: Sensors | undefined;
    const publicUrl = options.api?.publicUrl;
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
      ...(options.oidc && { oidc: { ...options.oidc, ...(publicUrl !== undefined && { publicUrl }) } }),
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
          shipped: shippedPackFolders(),
          checkAliasFormat: compileFormat,
          inspectWorkflow,
          checkPython: (pack) => lintPython(pack, options.python?.command),
          ...(provider && { provider }),
        }),
    });
    const { app: api, routes } = createApi(services);
    apiUrl = await listen(api, options.host ?? '127.0.0.1', options.port ?? 9101);
    closers.push(() => api.close());
    await executions.start();
    closers.push(() => executions.stop(stopGrace));
    if (kubernetes !== undefined) closers.push(keepJobsSwept(kubernetes, store, log));
    if (provider !== undefined) closers.push(keepLookedUp(provider, registry, log));
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
        await closers.unwind();
        log.info('Petrel has stopped.');
        log.flush();
      },
    };
  } catch (error) {
    await closers.unwind();
    throw error;
  }
}
