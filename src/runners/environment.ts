import { isJsonObject, type Json } from '../model/index.ts';

/**
 * What a child process sees of Petrel's own environment. StackStorm hands on everything; Petrel's variables may hold
 * database addresses and tokens, so only those are handed on that a program needs to find its way.
 */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TZ',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'KUBECONFIG',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
];

/** The inherited base, then the `env` runner parameter, then the ST2_* variables, each winning over the ones before. */
export function childEnvironment(
  env: Json | undefined,
  st2: Readonly<Record<string, string>>,
  text: (value: Json) => string,
): Record<string, string> {
  const base = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const own = isJsonObject(env) ? Object.entries(env).flatMap(([name, value]) => [[name, text(value ?? null)]]) : [];
  return Object.fromEntries([...base, ...own, ...Object.entries(st2)]);
}
