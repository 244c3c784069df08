import {
  isJsonObject,
  type Json,
  type JsonObject,
  messageOf,
  type ParameterSchema,
  PetrelError,
} from '../model/index.ts';
import type { KubernetesRequest, LogOptions } from '../sdk/index.ts';
import { failedByError } from './failure.ts';
import { markSecretsOf } from './kubernetes-secrets.ts';
import type { Run, RunEnd, Runner } from './runner.ts';
import { parsedJson } from './shell-result.ts';

/** Seconds. */
const TIMEOUT = 60;
/** Seconds a watch lasts when nobody says. */
const WATCH = 30;

/**
 * One call of the Kubernetes API, as the action's entry point names it (`GET /api/v1/namespaces/{namespace}/pods`): what is in braces and
 * `body` come from parameters of that name, all others are the query. The result is the object that the API answers; of a watch a list of
 * its events, of a log its text.
 */
export const kubernetesOperation = {
  name: 'kubernetes-operation',
  description: 'Calls an operation of the Kubernetes API.',
  parameters: {
    timeout: { type: 'number', description: 'Seconds until the call is given up.', default: TIMEOUT },
  },
  async run(run: Run): Promise<RunEnd> {
    const given = Number(run.runnerParameters.timeout ?? TIMEOUT);
    const seconds = Number.isFinite(given) && given > 0 ? given : TIMEOUT;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), Math.min(seconds * 1000, 2 ** 31 - 1));
    const signal = AbortSignal.any([run.signal, limit.signal]);
    try {
      const result = await call(run, seconds, signal);
      markSecretsOf(result, run.services.markSecret);
      return { status: 'succeeded', result };
    } catch (error) {
      if (run.signal.aborted) return failedByError(new PetrelError('canceled', 'The action was canceled.'), 'canceled');
      if (limit.signal.aborted) {
        const late = `${run.action.ref} did not complete in ${seconds} seconds.`;
        return failedByError(new PetrelError('timeout', late), 'timeout');
      }
      return failure(run, error);
    } finally {
      clearTimeout(timer);
    }
  },
} satisfies Runner;

async function call(run: Run, seconds: number, signal: AbortSignal): Promise<Json> {
  // Loaded when needed, as it brings a HTTP client with it.
  const { callOfAction, PATCH_TYPES, placeholdersOf } = await import('../kubernetes/index.ts');
  const { method, path: template } = callOfAction(run.action);
  const { kubernetes } = run.services;
  const given = new Map(
    Object.entries(run.actionParameters).filter(([, value]) => value !== null && value !== undefined),
  );
  const take = (name: string) => {
    const value = given.get(name);
    given.delete(name);
    return value;
  };
  const places = placeholdersOf(template).map((name): [string, Json | undefined] => [name, take(name)]);
  const patchType = method === 'PATCH' ? take('patch_type') : undefined;
  const body = take('body');
  const subresource = /\/pods\/\{name\}\/(\w+)$/.exec(template)?.[1];
  if (subresource === 'log') return await log(run, new Map(places), given, signal);
  if (subresource === 'exec') return await exec(run, new Map(places), given, signal);
  if (subresource === 'attach' || subresource === 'portforward') {
    throw new PetrelError(
      'invalid',
      `${run.action.ref} needs a connection that somebody holds, which an action is not. Run a program with kubernetes.exec.`,
    );
  }
  const isWatch = given.get('watch') === true || template.includes('/watch/');
  if (isWatch && !given.has('timeoutSeconds'))
    given.set('timeoutSeconds', Math.max(1, Math.floor(Math.min(WATCH, seconds - 1))));
  const request: KubernetesRequest = {
    method,
    path: filled(template, places),
    query: queryOf(given),
    signal,
    timeout: seconds * 1000,
    ...(body === undefined
      ? {}
      : { body: sentBody(body, run.action.parameters.body), ...contentType(PATCH_TYPES, patchType) }),
  };
  const answer = (await kubernetes.request(request)) as Json; // a parsed body, or text
  return isWatch ? eventsOf(answer) : answer;
}

/** The path with its places filled in; what could lead out of them is refused. Only a proxy's path may have slashes. */
function filled(template: string, places: readonly (readonly [string, Json | undefined])[]): string {
  let path = template;
  for (const [name, value] of places) {
    const text = value === undefined ? '' : String(value);
    const segments = name === 'path' ? text.split('/') : [text];
    if (segments.some((segment) => segment === '.' || segment === '..' || segment.includes('/')) || text === '') {
      throw new PetrelError('invalid', `Parameter "${name}" cannot be part of a path: ${JSON.stringify(text)}.`);
    }
    path = path.replace(`{${name}}`, () => segments.map(encodeURIComponent).join('/'));
  }
  return path;
}

function queryOf(given: ReadonlyMap<string, Json | undefined>): NonNullable<KubernetesRequest['query']> {
  const entries = [...given].map(([name, value]): [string, string | number | boolean] => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [name, value];
    throw new PetrelError('invalid', `Parameter "${name}" must be a text, a number or a boolean.`);
  });
  return Object.fromEntries(entries);
}

/** A patch that came as text, as from the command line, is JSON. An object that does not say what it is gets what its schema says. */
function sentBody(body: Json, schema: ParameterSchema | undefined): Json {
  if (isJsonObject(body) && isJsonObject(schema?.properties)) {
    const { apiVersion, kind } = schema.properties;
    const missing = Object.entries({ apiVersion, kind }).flatMap(([name, field]) =>
      isJsonObject(field) && field.default !== undefined && body[name] === undefined ? [[name, field.default]] : [],
    );
    return { ...Object.fromEntries(missing), ...body };
  }
  if (typeof body !== 'string') return body;
  const json = parsedJson(body);
  if (json === undefined) throw new PetrelError('invalid', 'Parameter "body" is a text that is no JSON.');
  return json.value;
}

function contentType(types: Readonly<Record<string, string>>, patchType: Json | undefined): { contentType?: string } {
  const type = typeof patchType === 'string' && Object.hasOwn(types, patchType) ? types[patchType] : undefined;
  return type === undefined ? {} : { contentType: type };
}

/** The events of a watch that has ended: one to a line. */
function eventsOf(answer: Json): Json {
  if (typeof answer !== 'string') return [answer];
  const lines = answer.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => JSON.parse(line) as Json); // what JSON.parse answers is JSON
}

type Given = ReadonlyMap<string, Json | undefined>;

function podOf(places: Given) {
  return { namespace: String(places.get('namespace') ?? ''), name: String(places.get('name') ?? '') };
}

/** A log's text is the result, and is streamed as output: it may be followed. */
async function log(run: Run, places: Given, given: Given, signal: AbortSignal): Promise<string> {
  const options = Object.fromEntries(given) as LogOptions; // validated against the operation's own parameters
  let text = '';
  for await (const piece of run.services.kubernetes.logs(podOf(places), { ...options, signal })) {
    text += piece;
    run.output('stdout', piece);
  }
  return text;
}

/** `command` is one text in Kubernetes' documents, though it may be given several times; it is split at blanks. */
async function exec(run: Run, places: Given, given: Given, signal: AbortSignal): Promise<JsonObject> {
  const command = String(given.get('command') ?? '')
    .split(/\s+/)
    .filter((word) => word !== '');
  const container = given.get('container');
  const { exitCode, stdout, stderr } = await run.services.kubernetes.exec(podOf(places), {
    command,
    output: (stream, data) => run.output(stream, data),
    signal,
    ...(typeof container === 'string' ? { container } : {}),
  });
  return { exit_code: exitCode, stdout, stderr };
}

/**
 * A failed call: the reason, and the API's Status object. What may pass is repeated by the action's policy, unless it could have been done
 * and would then be done twice: a POST is repeated only when the server says that it did not take it.
 */
function failure(run: Run, error: unknown): RunEnd {
  if (!(error instanceof PetrelError)) return failedByError(error);
  const { status, httpStatus } = error.details;
  const result: JsonObject = { error: messageOf(error), ...(isJsonObject(status) ? { status } : {}) };
  const reached = httpStatus !== undefined || error.cause !== undefined;
  const repeatable = httpStatus === 429 || !run.action.entryPoint.startsWith('POST ');
  const transient = error.code === 'unavailable' && reached && repeatable;
  return { status: 'failed', result, ...(transient && { transient: true }) };
}
