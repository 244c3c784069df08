import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PetrelError } from '../../model/index.ts';
import type { Logger } from '../../sdk/index.ts';
import { childEnvironment } from '../environment.ts';
import { runProcess } from '../process.ts';
import { findInterpreter, type Interpreter, lastLine } from './interpreter.ts';

/** A pack that may bring Python. */
export interface PythonPack {
  readonly ref: string;
  /** Its folder. */
  readonly path: string;
}

export interface EnvironmentSettings {
  /** Where virtual environments are kept: `virtualenvs` in the data directory. */
  readonly directory: string;
  /** The Python to make them with; default `python3`. */
  readonly python?: string;
  /** Also what requirements-tests.txt names, in an environment beside the pack's own. */
  readonly forTests?: boolean;
  readonly log: Pick<Logger, 'info'>;
  /** Ends the making of it. */
  readonly signal?: AbortSignal;
}

/** The Python that runs a pack's code. */
export interface PackEnvironment {
  readonly python: string;
  /** The virtual environment's folder; absent: the pack asks for nothing, and the system's Python runs it. */
  readonly directory?: string;
  /** It could not be made; this is why the system's Python stands in for it. */
  readonly problem?: string;
}

/** Seconds. */
const TIMEOUT = { venv: 120, install: 1800 };

/** What pip needs to know of the network: its own settings, proxies and certificates. They are for pip only. */
const PIP_VARIABLES = /^(?:PIP_\w+|(?:https?|no|all)_proxy|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/i;

/** The environment that is in force, named in a file that is replaced as a whole. */
interface Current {
  readonly fingerprint: string;
  readonly name: string;
}

/**
 * The environment of a pack, made first where its requirements.txt has changed (or the Python has): a virtual environment of its own that
 * also sees what the system's Python has, as StackStorm's see the service's packages. Nothing is written into the pack. Two
 * that prepare at once do no harm: each makes a folder of its own, and the last one counts. The environment before the last is
 * kept, since processes may still run from it. Throws `PetrelError` (`unavailable`, `invalid`) that says what to install or to mend.
 */
export async function preparePackEnvironment(
  pack: PythonPack,
  settings: EnvironmentSettings,
): Promise<PackEnvironment> {
  const interpreter = await findInterpreter(settings.python ?? 'python3');
  const files = settings.forTests === true ? ['requirements.txt', 'requirements-tests.txt'] : ['requirements.txt'];
  const texts = await Promise.all(files.map((file) => readOptional(join(pack.path, file))));
  const asked = files.filter((_, index) => asksForSomething(texts[index] ?? ''));
  if (asked.length === 0) return { python: interpreter.path };
  const folder = resolve(settings.directory, settings.forTests === true ? `${pack.ref}.tests` : pack.ref);
  const fingerprint = fingerprintOf(interpreter, texts.join('\n'));
  const current = await readCurrent(folder);
  if (current?.fingerprint === fingerprint) {
    const environment = environmentAt(join(folder, current.name));
    if (await exists(environment.python)) return environment;
  }
  return await create(pack, interpreter, folder, { ...settings, fingerprint, before: current?.name, asked });
}

async function create(
  pack: PythonPack,
  interpreter: Interpreter,
  folder: string,
  {
    fingerprint,
    before,
    asked,
    log,
    signal = new AbortController().signal,
  }: Pick<EnvironmentSettings, 'log' | 'signal'> & {
    readonly fingerprint: string;
    readonly before: string | undefined;
    readonly asked: readonly string[];
  },
): Promise<PackEnvironment> {
  const name = `${interpreter.version}-${randomBytes(4).toString('hex')}`;
  const environment = environmentAt(join(folder, name));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  log.info(`Making the Python environment of pack ${pack.ref} (${environment.directory}).`);
  try {
    await makeVenv(pack, interpreter, environment.directory, signal);
    for (const file of asked) await installRequirements(pack, environment.python, join(pack.path, file), signal);
    const draft = join(folder, `${name}.tmp`);
    await writeFile(draft, JSON.stringify({ fingerprint, name } satisfies Current));
    await rename(draft, join(folder, 'current.json'));
  } catch (error) {
    await rm(environment.directory, { recursive: true, force: true });
    throw error;
  }
  const keep = new Set(['current.json', name, before]);
  for (const old of await readdir(folder)) {
    if (!keep.has(old)) await rm(join(folder, old), { recursive: true, force: true });
  }
  log.info(`The Python environment of pack ${pack.ref} is ready.`);
  return environment;
}

async function makeVenv(
  pack: PythonPack,
  interpreter: Interpreter,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const args = ['-m', 'venv', '--system-site-packages', directory];
  const { ok, text } = await python(interpreter.path, args, { timeout: TIMEOUT.venv, signal });
  if (ok) return;
  const [major, minor] = interpreter.version.split('.');
  const missing = /ensurepip|No module named '?venv/.test(text);
  const why = missing
    ? `${interpreter.path} lacks the modules venv and ensurepip. On Debian and Ubuntu they are in a package of their own: apt-get install python${major}.${minor}-venv`
    : (lastLine(text) ?? 'it does not say why');
  throw new PetrelError(
    'unavailable',
    `The Python environment of pack "${pack.ref}" cannot be made, because \`python -m venv\` failed: ${why}.`,
  );
}

async function installRequirements(
  pack: PythonPack,
  python3: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const args = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '-r', file];
  const { ok, text } = await python(python3, args, { timeout: TIMEOUT.install, signal, cwd: pack.path });
  if (ok) return;
  const reasons = text.split('\n').filter((line) => /^\s*ERROR/.test(line));
  const why = withoutCredentials((reasons.length > 0 ? reasons : [lastLine(text) ?? '']).slice(-3).join(' ')).trim();
  throw new PetrelError(
    'unavailable',
    `The requirements of pack "${pack.ref}" (${file}) cannot be installed: ${why} pip's own settings are heeded, e.g. PIP_INDEX_URL, or PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER where there is no network.`,
  );
}

async function python(
  command: string,
  args: readonly string[],
  { timeout, signal, cwd }: { readonly timeout: number; readonly signal: AbortSignal; readonly cwd?: string },
) {
  const settings = Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && PIP_VARIABLES.test(name) ? [[name, value]] : [],
  );
  const outcome = await runProcess({
    command,
    args,
    cwd,
    environment: childEnvironment(Object.fromEntries(settings), {}, String),
    timeout,
    signal,
    output: () => undefined,
  });
  const late = outcome.ended === 'timeout' ? [`it did not end within ${timeout} seconds`] : [];
  const text = [outcome.stdout, outcome.stderr, outcome.error ?? '', ...late].join('\n');
  return { ok: outcome.ended === 'exited' && outcome.exitCode === 0, text };
}

function environmentAt(directory: string): PackEnvironment & { readonly directory: string } {
  return { python: join(directory, 'bin', 'python'), directory };
}

/** Comments alone ask for nothing. */
function asksForSomething(requirements: string): boolean {
  return requirements.split('\n').some((line) => line.trim() !== '' && !line.trim().startsWith('#'));
}

function fingerprintOf(interpreter: Interpreter, requirements: string): string {
  return createHash('sha256').update(`${interpreter.path}\n${interpreter.version}\n${requirements}`).digest('hex');
}

/** Addresses of indexes may hold a user and a password. */
function withoutCredentials(text: string): string {
  return text.replace(/(\w+:\/\/)[^/@\s]+@/g, '$1********@');
}

async function readCurrent(folder: string): Promise<Current | undefined> {
  const text = await readOptional(join(folder, 'current.json'));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Current; // written by `create`
  } catch {
    return undefined; // the environment is made anew
  }
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
