import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isJsonObject, type Json } from '../model/index.ts';
import { parseIni } from './ini.ts';

/** What StackStorm's command keeps in `~/.st2/config` about a server, and about who asks. */
export interface St2Config {
  readonly base?: string;
  readonly api?: string;
  readonly auth?: string;
  readonly stream?: string;
  readonly apiKey?: string;
  readonly user?: string;
  readonly password?: string;
  /** Whether tokens are kept beside it. */
  readonly cachesTokens: boolean;
  readonly directory: string;
}

/** As st2: ST2_CONFIG_FILE names another file, and ST2_CLI_SKIP_CONFIG=1 leaves it unread. Undefined: there is none. */
export function readSt2Config(env: NodeJS.ProcessEnv): St2Config | undefined {
  if (/^[1-9]/.test(env.ST2_CLI_SKIP_CONFIG ?? '')) return undefined;
  const file = env.ST2_CONFIG_FILE ?? join(env.HOME ?? homedir(), '.st2', 'config');
  const text = readText(file);
  if (text === undefined) return undefined;
  const { general, credentials, api, auth, stream, cli } = parseIni(text);
  return {
    ...definedOf({
      base: general?.base_url,
      api: api?.url,
      auth: auth?.url,
      stream: stream?.url,
      apiKey: credentials?.api_key,
      user: credentials?.username,
      password: credentials?.password,
    }),
    cachesTokens: !/^(?:false|no|off|0)$/i.test(cli?.cache_token ?? ''),
    directory: dirname(file),
  };
}

/** Seconds before its end that a token counts as over, as in StackStorm. */
const GRACE = 15;

/** The token that was kept for a user beside the file, while it is good. */
export function keptToken({ directory, user = '' }: St2Config, now: number): string | undefined {
  const text = readText(tokenFile(directory, user));
  if (text === undefined) return undefined;
  let kept: Json;
  try {
    kept = JSON.parse(text) as Json; // JSON.parse answers JSON
  } catch {
    return undefined; // half of a file: a new token takes its place
  }
  if (!isJsonObject(kept) || typeof kept.token !== 'string') return undefined;
  return Number(kept.expire_timestamp) - GRACE > now / 1000 ? kept.token : undefined;
}

/** Keeps a token where st2 looks for it. `expiry`: an ISO time. */
export async function keepToken(config: St2Config, token: string, expiry: string): Promise<void> {
  const { directory, user = '' } = config;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ token, expire_timestamp: Math.floor(Date.parse(expiry) / 1000) });
  await writeFile(tokenFile(directory, user), text, { mode: 0o600 });
}

/** A user's name is no path. */
function tokenFile(directory: string, user: string): string {
  return join(directory, `token-${user.replaceAll('/', '_')}`);
}

function definedOf<T extends object>(values: { [K in keyof T]: T[K] | undefined }): { [K in keyof T]?: T[K] & {} } {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as { [K in keyof T]?: T[K] & {} }; // the same names, without what is undefined
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
