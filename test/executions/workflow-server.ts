import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Execution, ExecutionStatus, Id, Json, JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { openPostgresStore, openSqliteStore, type Store } from '../../src/store/index.ts';

/** A workflow's action: its runner, its file, the schemas of its parameters. */
export interface WorkflowFile {
  readonly runner: 'action-chain' | 'orquesta' | 'typescript-workflow';
  readonly text: string;
  readonly parameters?: string;
  /** Seconds. */
  readonly timeout?: number;
}

let openDatabase: (() => Promise<string>) | undefined;

/** From now on servers are started on databases of this server, by default on SQLite. */
export function useDatabase(open: () => Promise<string>): void {
  openDatabase = open;
}

/** A server with the pack `flows`, which can be stopped and started again on the same data. */
export interface WorkflowServer {
  readonly directory: string;
  readonly server: Server;
  request(name: string, parameters?: JsonObject): Promise<Execution>;
  /** The execution as soon as it has one of the statuses. */
  reached(id: Id, ...statuses: readonly ExecutionStatus[]): Promise<Execution>;
  /** The newest child that ran a task, once it has one of the statuses. */
  child(parent: Id, task: string, ...statuses: readonly ExecutionStatus[]): Promise<Execution>;
  children(parent: Id): Promise<readonly Execution[]>;
  ended(id: Id): Promise<{ readonly status: ExecutionStatus; readonly result: Json | undefined }>;
  /** Lets every task that waits for this gate go on. */
  open(gate: string): Promise<void>;
  restart(): Promise<void>;
  /** Another node on the same database, which must be PostgreSQL. The caller stops it. */
  startNode(): Promise<Server>;
  /** What the server stores, while it is stopped. */
  openStore(): Promise<Store>;
  close(): Promise<void>;
}

const PATIENCE = 20_000;

/** `more`: further files of the pack, by their paths in it. */
export async function startWorkflowServer(
  files: Readonly<Record<string, WorkflowFile>>,
  more: (directory: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<WorkflowServer> {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-workflows-'));
  const pack = join(directory, 'packs', 'flows');
  await mkdir(join(pack, 'actions', 'workflows'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: flows\ndescription: flows\nversion: 1.0.0\nauthor: test\n');
  // Waits until the gate is opened: what a test does meanwhile does not depend on time.
  const gate = `until [ -e ${directory}/{{ name }} ]; do sleep 0.02; done; echo {{ name }}`;
  await writeFile(
    join(pack, 'actions', 'gate.yaml'),
    `name: gate\nrunner_type: local-shell-cmd\nparameters:\n  name: {type: string, required: true}\n  cmd: {default: ${JSON.stringify(gate)}, immutable: true}\n`,
  );
  for (const [name, { runner, text, parameters = '{}', timeout }] of Object.entries(files)) {
    if (runner === 'typescript-workflow') {
      await writeFile(join(pack, 'actions', `${name}.ts`), text);
      continue;
    }
    const metadata = `name: ${name}\nrunner_type: ${runner}\nentry_point: workflows/${name}.yaml\nparameters: ${parameters}\n`;
    const limit = timeout === undefined ? '' : `timeout: ${timeout}\n`;
    await writeFile(join(pack, 'actions', `${name}.yaml`), metadata + limit);
    await writeFile(join(pack, 'actions', 'workflows', `${name}.yaml`), text);
  }
  for (const [name, text] of Object.entries(more(directory))) {
    await mkdir(dirname(join(pack, name)), { recursive: true });
    await writeFile(join(pack, name), text);
  }
  const database = await openDatabase?.();
  const data = join(directory, 'data');
  const start = (home = data) =>
    startServer({
      data: home,
      ...(database !== undefined && { database, leaseDuration: 1500 }),
      packs: [join(directory, 'packs')],
      watch: true,
      port: 0,
      logFile: join(directory, 'petrel.log'),
    });
  let server = await start();

  const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
      const seen = await look();
      if (seen !== undefined) return seen;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${what} did not come about.`);
  };
  const children = async (parentId: Id) =>
    (await server.store.listExecutions({ parentId }, { limit: 1000, offset: 0 })).items;

  return {
    directory,
    get server() {
      return server;
    },
    request: (name, parameters = {}) =>
      server.executions.request({ actionRef: `flows.${name}`, parameters, user: 'stanley', literal: true }),
    reached: (id, ...statuses) =>
      until(`${id} ${statuses.join(' or ')}`, async () => {
        const execution = await server.store.getExecution(id);
        return execution !== undefined && statuses.includes(execution.status) ? execution : undefined;
      }),
    child: (parent, task, ...statuses) =>
      until(`${task} ${statuses.join(' or ')}`, async () =>
        (await children(parent)).find(({ taskName, status }) => taskName === task && statuses.includes(status)),
      ),
    children,
    async ended(id) {
      const { status } = await server.executions.wait(id, AbortSignal.timeout(PATIENCE));
      return { status, result: await server.store.getResult(id) };
    },
    open: (name) => writeFile(join(directory, name), ''),
    async restart() {
      await server.stop(0);
      server = await start();
    },
    async startNode() {
      const home = await mkdtemp(join(directory, 'node-'));
      await copyFile(join(data, 'keys.json'), join(home, 'keys.json'));
      return await start(home);
    },
    openStore: () =>
      database === undefined ? openSqliteStore({ directory: data }) : openPostgresStore({ url: database }),
    async close() {
      await server.stop(0);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
