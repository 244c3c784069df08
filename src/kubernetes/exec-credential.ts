import { execFile } from 'node:child_process';
import { z } from 'zod';
import { PetrelError } from '../model/index.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

/** The `exec` section of a kubeconfig user. */
export interface ExecPlugin {
  readonly apiVersion: string;
  /** Absolute, or a name looked up on the PATH; never given to a shell. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint?: string;
  /** Given to the plugin when the kubeconfig says `provideClusterInfo`. */
  readonly cluster?: Readonly<Record<string, unknown>>;
}

/** A plugin that has not answered by then is ended. Milliseconds. */
const LONGEST_RUN = 60_000;
/** A credential is replaced this long before its end, so that a request under way does not outlive it. Milliseconds. */
const MARGIN = 10_000;

const Answer = z.object({
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().optional(),
  }),
});

/**
 * Credentials from a client-go credential plugin: a child process without a shell, whose answer is kept until it expires (for
 * ever when it names no end) or the server refuses it. Requests that come while it runs wait for the same run.
 * Throws `unauthorized` when the plugin fails; its standard output, which holds the secret, is in no message.
 */
export function execCredentials(
  plugin: ExecPlugin,
  extraHeaders: Credentials['headers'],
  env: NodeJS.ProcessEnv,
  now: () => number = Date.now,
): CredentialSource {
  let cached: { readonly credentials: Credentials; readonly until: number } | undefined;
  let running: Promise<Credentials> | undefined;

  const load = async (): Promise<Credentials> => {
    const { status } = readAnswer(plugin, await run(plugin, env));
    const credentials: Credentials = {
      headers: status.token === undefined ? extraHeaders : { ...extraHeaders, authorization: `Bearer ${status.token}` },
      ...(status.clientCertificateData === undefined ? {} : { certificate: status.clientCertificateData }),
      ...(status.clientKeyData === undefined ? {} : { key: status.clientKeyData }),
    };
    const end = status.expirationTimestamp === undefined ? Number.NaN : Date.parse(status.expirationTimestamp);
    cached = { credentials, until: Number.isNaN(end) ? Number.POSITIVE_INFINITY : end - MARGIN };
    return credentials;
  };

  return {
    current() {
      if (cached !== undefined && now() < cached.until) return Promise.resolve(cached.credentials);
      running ??= load().finally(() => {
        running = undefined;
      });
      return running;
    },
    refresh(refused) {
      if (cached?.credentials === refused) cached = undefined;
    },
  };
}

function run(plugin: ExecPlugin, env: NodeJS.ProcessEnv): Promise<string> {
  const info = {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(plugin.cluster === undefined ? {} : { cluster: plugin.cluster }) },
  };
  return new Promise((resolve, reject) => {
    execFile(
      plugin.command,
      plugin.args,
      {
        env: { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        timeout: LONGEST_RUN,
        maxBuffer: 4 * 1024 * 1024,
        windowsHide: true,
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const missing = error.code === 'ENOENT';
        const why = missing
          ? 'it was not found'
          : `it ended with ${error.killed === true ? 'a timeout' : `code ${error.code}`}`;
        const said = stderr.trim() === '' ? '' : ` It said: ${stderr.trim().slice(0, 300)}`;
        const hint = missing && plugin.installHint !== undefined ? ` ${plugin.installHint}` : '';
        reject(
          new PetrelError(
            'unauthorized',
            `The credential plugin ${plugin.command} of the kubeconfig failed: ${why}.${said}${hint}`,
          ),
        );
      },
    );
  });
}

function readAnswer(plugin: ExecPlugin, stdout: string): z.output<typeof Answer> {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    value = undefined;
  }
  const answer = Answer.safeParse(value);
  const status = answer.data?.status;
  if (
    answer.success &&
    (status?.token !== undefined || (status?.clientCertificateData !== undefined && status.clientKeyData !== undefined))
  ) {
    return answer.data;
  }
  throw new PetrelError(
    'unauthorized',
    `The credential plugin ${plugin.command} of the kubeconfig did not print an ExecCredential with a token or a client certificate and key.`,
  );
}
