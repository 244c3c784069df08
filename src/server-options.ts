import type { LoginLimits, OidcSettings } from './access/index.ts';
import type { HttpSettings } from './api/index.ts';
import type { LogLevel } from './log.ts';
import type { EgressSettings, SshSettings } from './runners/index.ts';
import type { KubernetesSettings, PythonSettings } from './server/index.ts';

export interface ServerOptions {
  /** Data directory: database, keys, tokens, caches. Created with mode 0700. */
  readonly data: string;
  /** Directories of packs, first wins; the shipped packs come last. */
  readonly packs?: readonly string[];
  /** Directory of pack configurations; default `configs` in the data directory. */
  readonly configs?: string;
  /** `postgres://...`; default: SQLite in the data directory. */
  readonly database?: string;
  readonly watch?: boolean;
  /** StackStorm's key file, to read secrets that it encrypted. */
  readonly stackstormKey?: string;
  /** Absent: no cluster. */
  readonly kubernetes?: KubernetesSettings;
  /** How remote shell actions log in and whom they trust. */
  readonly ssh?: SshSettings;
  readonly host?: string;
  readonly port?: number;
  /** The Python of packs. */
  readonly python?: PythonSettings;
  /** Directory of role files; default `rbac` in the data directory. */
  readonly roles?: string;
  /** Absent: users sign in with passwords only. */
  readonly oidc?: OidcSettings;
  readonly api?: Partial<HttpSettings>;
  /** How many logins may fail, by user and by address; default: see `LOGIN_LIMITS`. */
  readonly logins?: LoginLimits;
  /** Where the runner http-request may connect to. */
  readonly http?: EgressSettings;
  /** Milliseconds a process may be silent before its executions are taken from it. Default 30,000. */
  readonly leaseDuration?: number;
  /** The same for sensors of packs. Default 15,000. */
  readonly sensorLease?: number;
  /** Variables of OpenTelemetry (`OTEL_...`), which say where traces are sent; absent: nowhere. */
  readonly tracing?: Readonly<Record<string, string | undefined>>;
  readonly logLevel?: LogLevel;
  /** Default: standard error. */
  readonly logFile?: string;
}
