import { readFileSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What `petrel login` keeps. */
export interface Login {
  readonly url: string;
  readonly user: string;
  readonly token: string;
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
  return url === undefined || token === undefined ? undefined : { url, user: user ?? '', token };
}

/** Readable by its owner alone, whole or not at all. */
export async function writeLogin({ url, user, token }: Login, env: NodeJS.ProcessEnv): Promise<string> {
  const file = loginFile(env);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.tmp`;
  const text = `[general]\nbase_url = ${url}\n\n[credentials]\nusername = ${user}\ntoken = ${token}\n`;
  await writeFile(draft, text, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
  return file;
}

export async function removeLogin(env: NodeJS.ProcessEnv): Promise<void> {
  await rm(loginFile(env), { force: true });
}

type Ini = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

function parseIni(text: string): Ini {
  const sections: Record<string, Record<string, string>> = Object.create(null);
  let section: Record<string, string> = Object.create(null);
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[([^\]]+)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      section = Object.create(null);
      sections[name] = section;
    } else if (key !== undefined && value !== undefined && value !== '') section[key] = value;
  }
  return sections;
}
