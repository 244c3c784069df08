import { readFileSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseIni } from './ini.ts';

/** What `petrel login` keeps. */
export interface Login {
  readonly url: string;
  readonly user: string;
  readonly token: string;
  /** When the token ends, an ISO time. */
  readonly expiry?: string;
  /** Only when it was asked for with --write-password. */
  readonly password?: string;
}

/** `~/.petrel/config`, or what PETREL_CONFIG names. */
export function loginFile(env: NodeJS.ProcessEnv): string {
  return env.PETREL_CONFIG ?? join(env.HOME ?? homedir(), '.petrel', 'config');
}

/** Undefined when nobody is logged in. The file has the form of StackStorm's `~/.st2/config`. */
export function readLogin(env: NodeJS.ProcessEnv): Login | undefined {
  let text: string;
  try {
    text = readFileSync(loginFile(env), 'utf8');
  } catch {
    return undefined;
  }
  const { general, credentials } = parseIni(text);
  const [url, user, token] = [general?.base_url, credentials?.username, credentials?.token];
  if (url === undefined || token === undefined) return undefined;
  const { expiry, password } = credentials ?? {};
  return { url, user: user ?? '', token, ...(expiry && { expiry }), ...(password && { password }) };
}

/** Readable by its owner alone, whole or not at all. */
export async function writeLogin(login: Login, env: NodeJS.ProcessEnv): Promise<string> {
  const { url, user, token, expiry, password } = login;
  const file = loginFile(env);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.tmp`;
  const lines = [
    ...['[general]', `base_url = ${url}`, '', '[credentials]', `username = ${user}`, `token = ${token}`],
    ...(expiry === undefined ? [] : [`expiry = ${expiry}`]),
    ...(password === undefined ? [] : [`password = ${password}`]),
  ];
  await writeFile(draft, `${lines.join('\n')}\n`, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
  return file;
}

export async function removeLogin(env: NodeJS.ProcessEnv): Promise<void> {
  await rm(loginFile(env), { force: true });
}
