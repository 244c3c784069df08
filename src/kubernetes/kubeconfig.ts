import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, PetrelError } from '../model/index.ts';

const Text = z.string().optional();

const Cluster = z.object({
  server: z.string(),
  'certificate-authority': Text,
  'certificate-authority-data': Text,
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': Text,
  'proxy-url': Text,
});

const Exec = z.object({
  apiVersion: z.string(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: Text,
  interactiveMode: Text,
  provideClusterInfo: z.boolean().optional(),
});

const User = z.object({
  token: Text,
  tokenFile: Text,
  'client-certificate': Text,
  'client-certificate-data': Text,
  'client-key': Text,
  'client-key-data': Text,
  username: Text,
  password: Text,
  as: Text,
  'as-groups': z.array(z.string()).optional(),
  exec: Exec.nullish(),
  'auth-provider': z.unknown().optional(),
});

const Context = z.object({ cluster: z.string(), user: Text, namespace: Text });

const File = z.object({
  'current-context': Text,
  clusters: z.array(z.object({ name: z.string(), cluster: Cluster })).nullish(),
  users: z.array(z.object({ name: z.string(), user: User.nullish() })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context: Context })).nullish(),
});

export type KubeconfigCluster = z.output<typeof Cluster>;
export type KubeconfigUser = z.output<typeof User>;

/** One context with all it names; paths are absolute. */
export interface KubeconfigContext {
  readonly name: string;
  readonly file: string;
  readonly namespace?: string;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
}

/**
 * Reads one context out of several kubeconfig files as kubectl does: of two entries with one name the first file's counts,
 * relative paths are relative to the file that holds them, files that do not exist are skipped. Answers undefined when none exists.
 * Throws `invalid` when a file or the context is broken.
 */
export async function readKubeconfig(
  paths: readonly string[],
  wanted: string | undefined,
): Promise<KubeconfigContext | undefined> {
  const files: { readonly path: string; readonly content: z.output<typeof File> }[] = [];
  for (const path of paths) {
    const text = await readIfThere(path);
    if (text !== undefined) files.push({ path, content: parseFile(path, text) });
  }
  const first = files[0];
  if (first === undefined) return undefined;

  const name = wanted ?? files.map((file) => file.content['current-context']).find((current) => (current ?? '') !== '');
  if (name === undefined) {
    throw new PetrelError(
      'invalid',
      `The kubeconfig ${first.path} names no current context. Choose one with --context.`,
    );
  }
  const context = find(files, (content) => content.contexts, name);
  if (context === undefined) throw missing('context', name, paths);
  const cluster = find(files, (content) => content.clusters, context.entry.context.cluster);
  if (cluster === undefined) throw missing('cluster', context.entry.context.cluster, paths);
  const userName = context.entry.context.user ?? '';
  const user = userName === '' ? undefined : find(files, (content) => content.users, userName);
  if (userName !== '' && user === undefined) throw missing('user', userName, paths);

  return {
    name,
    file: context.path,
    ...(context.entry.context.namespace === undefined ? {} : { namespace: context.entry.context.namespace }),
    cluster: withAbsolutePaths(cluster.entry.cluster, cluster.path),
    user: withAbsolutePaths(user?.entry.user ?? {}, user?.path ?? context.path),
  };
}

function find<Entry extends { readonly name: string }>(
  files: readonly { readonly path: string; readonly content: z.output<typeof File> }[],
  list: (content: z.output<typeof File>) => readonly Entry[] | null | undefined,
  name: string,
): { readonly path: string; readonly entry: Entry } | undefined {
  for (const { path, content } of files) {
    const entry = list(content)?.find((candidate) => candidate.name === name);
    if (entry !== undefined) return { path, entry };
  }
  return undefined;
}

const PATH_FIELDS: readonly string[] = ['certificate-authority', 'tokenFile', 'client-certificate', 'client-key'];

function withAbsolutePaths<T extends KubeconfigCluster | KubeconfigUser>(section: T, file: string): T {
  const directory = dirname(resolve(file));
  const entries = Object.entries(section).map(([field, value]): [string, unknown] => {
    if (PATH_FIELDS.includes(field) && typeof value === 'string' && value !== '')
      return [field, absolute(directory, value)];
    return [field, value];
  });
  const copy = Object.fromEntries(entries) as T; // the same fields with the same types
  if ('exec' in copy && copy.exec != null && copy.exec.command.includes('/')) {
    return { ...copy, exec: { ...copy.exec, command: absolute(directory, copy.exec.command) } };
  }
  return copy;
}

function absolute(directory: string, path: string): string {
  return isAbsolute(path) ? path : resolve(directory, path);
}

function parseFile(path: string, text: string): z.output<typeof File> {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new PetrelError('invalid', `The kubeconfig ${path} is not YAML: ${messageOf(error)}`, { cause: error });
  }
  const file = File.safeParse(content ?? {});
  if (file.success) return file.data;
  const issue = file.error.issues[0];
  throw new PetrelError(
    'invalid',
    `The kubeconfig ${path} is malformed at ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new PetrelError('invalid', `The kubeconfig ${path} could not be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

function missing(what: string, name: string, paths: readonly string[]): PetrelError {
  return new PetrelError(
    'invalid',
    `There is no ${what} ${JSON.stringify(name)} in the kubeconfig ${paths.join(', ')}.`,
  );
}
