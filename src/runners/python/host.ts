import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type JsonObject, messageOf, PetrelError } from '../../model/index.ts';
import type { Logger } from '../../sdk/index.ts';
import { ForkServer, ForkServerLost, PYTHON_HOME } from './fork-server.ts';
import { findInterpreter } from './interpreter.ts';
import { type PackEnvironment, type PythonPack, preparePackEnvironment } from './pack-environment.ts';
import { followProcess, type ProcessListeners, type PythonProcess } from './python-process.ts';
import { Rendezvous } from './rendezvous.ts';

export interface PythonSettings {
  /** The data directory; environments and compiled files are kept in it. */
  readonly data: string;
  /** Default `python3`. */
  readonly python?: string;
  /** Megabytes of data that a process may hold; 0: no limit. Default 2,048. */
  readonly memory?: number;
  /** Whether actions can import what lies in their pack's `lib/` (StackStorm's enable_common_libs). Default: yes. */
  readonly commonLibs?: boolean;
  /** Milliseconds without a fork after which a fork server ends. Default 10 minutes. */
  readonly idle?: number;
  readonly log: Logger;
}

export interface PythonLaunch {
  readonly kind: 'action' | 'sensor';
  readonly pack: PythonPack;
  /** The file with the class. */
  readonly file: string;
  /** The pack's own import paths. */
  readonly paths: readonly string[];
  /** All of the process's environment but what the interpreter needs. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the host needs besides, by kind. */
  readonly request: JsonObject;
  readonly listeners: ProcessListeners;
}

/** Runs Python of packs. */
export interface PythonHost {
  readonly memory: number;
  readonly commonLibs: boolean;
  /** Whether there is a Python at all. Throws `PetrelError` (`unavailable`) that says what to install. */
  check(): Promise<void>;
  /**
   * The pack's Python, made where it is missing. Where it cannot be made the system's stands in, with the reason as `problem`: what a pack's
   * actions need is often installed though not all that its requirements name. That is tried again after ten minutes, or when the requirements
   * have changed. Throws `PetrelError` (`unavailable`) when there is no Python.
   */
  prepare(pack: PythonPack): Promise<PackEnvironment>;
  /** Starts a process in the pack's environment. Throws `PetrelError` (`unavailable`, and as `prepare`). */
  launch(launch: PythonLaunch): Promise<PythonProcess>;
  /** The fork servers that run now. */
  servers(): readonly { readonly python: string; readonly pid: number | undefined }[];
  /** Ends the fork servers and every process. */
  close(): Promise<void>;
}

interface Prepared {
  /** Of the pack's requirements. */
  readonly version: string;
  readonly ready: Promise<PackEnvironment>;
  failedAt?: number;
}

const IDLE = 10 * 60_000;

/** Milliseconds for which a failure to make an environment is not tried again. */
const FAILURE_KEPT = 10 * 60_000;

/** How many servers a launch may outlive. */
const ATTEMPTS = 3;

/**
 * One fork server per Python: the system's, and one per pack with requirements. A run costs, above the action's own time and beside a fresh
 * interpreter in the same run of `npm run bench:python` (2 cores, Python 3.11): p50 5.7 ms against 44 ms, p99 10 ms against 55 ms. The process in
 * reserve took p50 from 21 ms to 14 ms on a busy machine (load 14). A run's processor time is 3.5 ms in it and 2 ms in its keeper.
 */
export function createPythonHost(settings: PythonSettings): PythonHost {
  const { data, log, idle = IDLE } = settings;
  const memory = settings.memory ?? 2048;
  const cache = join(data, 'cache', 'python');
  const servers = new Map<string, ForkServer>();
  const environments = new Map<string, Prepared>();
  let rendezvous: Promise<Rendezvous> | undefined;
  const closing = new AbortController();

  const retire = setInterval(
    () => {
      for (const server of servers.values()) {
        if (Date.now() - server.lastUsed < idle) continue;
        servers.delete(server.python);
        server.stop();
      }
    },
    Math.min(idle, 60_000),
  ).unref();

  const serverFor = async (python: string): Promise<ForkServer> => {
    rendezvous ??= Rendezvous.open();
    const meeting = await rendezvous;
    if (closing.signal.aborted) throw new PetrelError('canceled', 'Petrel is shutting down and starts no more Python.');
    const running = servers.get(python);
    if (running !== undefined) return running;
    const server: ForkServer = new ForkServer(python, cache, meeting, (why) => {
      if (servers.get(python) !== server) return;
      servers.delete(python);
      log.warn(`${why} The next action starts another; those that run go on.`);
    });
    servers.set(python, server);
    return server;
  };

  const fork = async (python: string) => {
    for (let attempt = 1; ; attempt += 1) {
      const server = await serverFor(python);
      try {
        return await server.fork();
      } catch (error) {
        if (!(error instanceof ForkServerLost) || attempt === ATTEMPTS) throw error;
      }
    }
  };

  const prepare = async (pack: PythonPack): Promise<PackEnvironment> => {
    const version = await versionOf(join(pack.path, 'requirements.txt'));
    const known = environments.get(pack.ref);
    const expired = known?.failedAt !== undefined && Date.now() - known.failedAt > FAILURE_KEPT;
    if (known !== undefined && known.version === version && !expired) return known.ready;
    const { python } = settings;
    const directory = join(data, 'virtualenvs');
    const making = preparePackEnvironment(pack, {
      directory,
      ...(python !== undefined && { python }),
      log,
      signal: closing.signal,
    });
    const entry: Prepared = {
      version,
      ready: making.catch(async (error: unknown) => {
        entry.failedAt = Date.now();
        if (!(error instanceof PetrelError) || closing.signal.aborted) throw error;
        const { path } = await findInterpreter(python ?? 'python3');
        log.warn(`${error.message} The pack runs with ${path} and what is installed there.`);
        return { python: path, problem: error.message };
      }),
    };
    environments.set(pack.ref, entry);
    return entry.ready;
  };

  return {
    memory,
    commonLibs: settings.commonLibs ?? true,
    async check() {
      await findInterpreter(settings.python ?? 'python3');
    },
    prepare,

    async launch({ kind, pack, file, paths, environment, request, listeners }) {
      const { python, directory, problem } = await prepare(pack);
      const child = followProcess(await fork(python), listeners, kind === 'action');
      child.send({
        ...request,
        kind,
        pack: pack.ref,
        folder: pack.path,
        file,
        // As shell actions.
        directory: process.cwd(),
        paths,
        environment: withInterpreter(environment, paths, cache, directory),
        cache,
        memory: memory * 1024 * 1024,
        problem: problem ?? null,
      });
      return child;
    },

    servers: () => [...servers.values()].map(({ python, pid }) => ({ python, pid })),

    async close() {
      closing.abort();
      clearInterval(retire);
      for (const server of servers.values()) server.stop();
      servers.clear();
      // Their keepers see the connections close and kill what they keep.
      await rendezvous?.then(
        (meeting) => meeting.close(),
        (error: unknown) => log.debug(messageOf(error)),
      );
    },
  };
}

/** Tells one state of a file from another without reading it. */
async function versionOf(file: string): Promise<string> {
  return stat(file).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
    () => '',
  );
}

/** So that programs which an action starts find the same Python and the same modules. */
export function withInterpreter(
  environment: Readonly<Record<string, string>>,
  paths: readonly string[],
  cache: string,
  directory: string | undefined,
): Record<string, string> {
  const own = Object.entries(environment).filter(([name]) => name.toUpperCase() !== 'PYTHONPATH');
  const result: Record<string, string> = Object.fromEntries(own);
  result.PYTHONPATH = [...paths, PYTHON_HOME].join(':');
  result.PYTHONIOENCODING = 'utf-8';
  result.PYTHONPYCACHEPREFIX = cache;
  if (directory !== undefined) {
    result.VIRTUAL_ENV = directory;
    result.PATH = `${join(directory, 'bin')}:${result.PATH ?? ''}`;
  }
  return result;
}
