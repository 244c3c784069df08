import { TransientError, z } from 'petrel/sdk';
import type { ServerSettings } from './parameters.ts';

/** What the drivers throw. They also carry the statement, with passwords in it: nothing else of them is kept. */
const thrownSchema = z.object({
  message: z.string(),
  code: z.string().optional(),
  detail: z.string().optional(),
});

const NO_ANSWER = /^(ECONN|EPIPE|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|PROTOCOL_)/;
/** Too many connections, deadlock, lock not given, shutting down: names of MySQL and MariaDB. */
const BUSY_MYSQL =
  /^ER_(CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|LOCK_DEADLOCK|LOCK_WAIT_TIMEOUT|SERVER_SHUTDOWN|NORMAL_SHUTDOWN|CONNECTION_KILLED)/;
/** The same of PostgreSQL: classes 08, 40, 53 and 57P, and an object or lock that is in use. */
const BUSY_POSTGRES = /^(08|40|53|57P0|55006|55P03)/;
/** The drivers have no code for these. */
const NO_CODE = /timeout|Connection terminated|connection is in closed state/i;
const REFUSED = /^(ER_ACCESS_DENIED_ERROR|ER_DBACCESS_DENIED_ERROR|ER_ACCOUNT_HAS_BEEN_LOCKED|28P01|28000)$/;
/** PostgreSQL says with the same code that it lets nobody in from here, which is no fault of who tries. */
const NOT_FROM_HERE = /pg_hba\.conf/;

/** The server knows the user or the password otherwise. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
}

/** What a driver threw while doing `what`, as an error with the server's words. Values in `secrets` never appear in it. */
export function asError(error: unknown, what: string, server: ServerSettings, secrets: readonly string[]): Error {
  const thrown = thrownSchema.safeParse(error);
  const { message, code = '', detail } = thrown.success ? thrown.data : { message: String(error) };
  const place = `${server.host}:${server.port}`;
  const said = [message || code, detail].filter(Boolean).join(' ');
  const words = secrets
    .filter((secret) => secret !== '')
    .reduce((text, secret) => text.replaceAll(secret, '********'), said);
  if (REFUSED.test(code)) {
    const Refusal = NOT_FROM_HERE.test(message) ? Error : LoginRefused;
    return new Refusal(
      `${what} failed: the server ${place} refused its administrator ${server.admin_username} (${words}). Check admin_username and admin_password.`,
    );
  }
  if (NO_ANSWER.test(code) || (code === '' && NO_CODE.test(message))) {
    return new TransientError(`${what} failed: the server ${place} does not answer (${words}).`);
  }
  const text = `${what} failed: the server ${place} answered ${code === '' ? '' : `${code}: `}${words}`;
  return BUSY_MYSQL.test(code) || BUSY_POSTGRES.test(code) ? new TransientError(text) : new Error(text);
}
