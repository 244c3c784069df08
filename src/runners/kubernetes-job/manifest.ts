import { isJsonObject, type Json, type JsonObject, PetrelError } from '../../model/index.ts';
import type { KubernetesObject } from '../../sdk/index.ts';
import type { Run } from '../runner.ts';

/** The execution that a Job, its pods and its Secret belong to. */
export const EXECUTION_LABEL = 'petrel.io/execution';
export const CONTAINER = 'action';

/** Seconds: an hour to run, a day to be found again after Petrel was away. */
export const TIMEOUT = 3600;
export const TTL = 86_400;

/** What is sent to the cluster. Names come from the execution, so that a second attempt finds what the first has made. */
export interface Plan {
  readonly name: string;
  readonly namespace?: string;
  readonly job: JsonObject;
  /** Values of the variables that are secret. Absent: there are none. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Kubernetes' rule for the names of environment variables. */
const VARIABLE = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/**
 * The Job that an action is. What is secret goes into a Secret, whichever way it was given; in the image's name, the command and its
 * arguments, which everybody sees who may see pods, it is refused. Throws `PetrelError` (`invalid`).
 */
export function planJob(run: Run): Plan {
  const given = run.runnerParameters;
  const isSecret = secretTest(run);
  const text = (name: string): string | undefined => {
    const value = given[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const image = text('image');
  if (image === undefined) throw new PetrelError('invalid', `Action "${run.action.ref}" needs an "image" to run.`);
  const command = words(given.command, 'command');
  const args = words(given.args, 'args');
  for (const word of [image, ...command, ...args]) {
    if (!isSecret(word)) continue;
    throw new PetrelError(
      'invalid',
      `The image, the command or an argument of action "${run.action.ref}" holds a secret, which everybody could see who may see pods. Give it as "secret_env", and write $(NAME) where it is wanted.`,
    );
  }
  const secrets: Record<string, string> = {};
  const plain: Record<string, string> = {};
  for (const [name, value] of variables(run, isSecret)) (value.secret ? secrets : plain)[name] = value.text;
  const hasSecrets = Object.keys(secrets).length > 0;
  const name = `petrel-${run.execution.id}`;
  const namespace = text('namespace');
  const labels = { 'app.kubernetes.io/managed-by': 'petrel', [EXECUTION_LABEL]: run.execution.id };
  const annotations = { 'petrel.io/action': run.action.ref };
  const env = [
    ...Object.entries(plain).map(([variable, value]) => ({ name: variable, value })),
    ...Object.keys(secrets).map((variable) => ({
      name: variable,
      valueFrom: { secretKeyRef: { name, key: variable } },
    })),
  ];
  const pullSecrets = words(given.image_pull_secrets, 'image_pull_secrets').map((one) => ({ name: one }));
  const container = present({
    name: CONTAINER,
    image,
    command: some(command),
    args: some(args),
    env: some(env),
    workingDir: text('working_dir'),
    imagePullPolicy: text('image_pull_policy'),
    resources: mapping(given.resources, 'resources'),
  });
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: present({ name, namespace, labels, annotations }),
    spec: {
      backoffLimit: numberOf(given.backoff_limit, 0),
      activeDeadlineSeconds: Math.max(1, Math.ceil(numberOf(given.timeout, TIMEOUT))),
      ttlSecondsAfterFinished: numberOf(given.ttl, TTL),
      template: {
        metadata: {
          labels: { ...mapping(given.labels, 'labels'), ...labels },
          annotations: { ...mapping(given.annotations, 'annotations'), ...annotations },
        },
        spec: present({
          restartPolicy: 'Never',
          serviceAccountName: text('service_account'),
          nodeSelector: mapping(given.node_selector, 'node_selector'),
          tolerations: Array.isArray(given.tolerations) ? given.tolerations : undefined,
          imagePullSecrets: some(pullSecrets),
          containers: [container],
        }),
      },
    },
  };
  return { name, job, ...(namespace === undefined ? {} : { namespace }), ...(hasSecrets ? { secrets } : {}) };
}

/** The Secret of a Job that was created: it goes with the Job, whoever deletes that. */
export function secretOf(job: KubernetesObject, secrets: Readonly<Record<string, string>>): JsonObject {
  const { name, namespace, uid, labels } = job.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { ...labels },
      ownerReferences: [{ apiVersion: job.apiVersion, kind: job.kind, name, uid, blockOwnerDeletion: false }],
    },
    stringData: { ...secrets },
  };
}

/** Later ones win: Petrel's own, `env`, `secret_env`. */
function variables(
  run: Run,
  isSecret: (text: string) => boolean,
): ReadonlyMap<string, { readonly text: string; readonly secret: boolean }> {
  const found = new Map<string, { readonly text: string; readonly secret: boolean }>();
  const take = (values: Readonly<Record<string, Json | undefined>>, alwaysSecret: boolean) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined || value === null) continue;
      if (!VARIABLE.test(name)) {
        throw new PetrelError('invalid', `${JSON.stringify(name)} cannot be the name of an environment variable.`);
      }
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      found.set(name, { text, secret: alwaysSecret || isSecret(text) });
    }
  };
  take(run.environment, false);
  take(mapping(run.runnerParameters.env, 'env') ?? {}, false);
  take(mapping(run.runnerParameters.secret_env, 'secret_env') ?? {}, true);
  return found;
}

/** Whether a text holds a secret: one that is known by value, or the value of a secret parameter, which may be too short to be known. */
function secretTest(run: Run): (text: string) => boolean {
  const short = new Set(
    Object.entries(run.action.parameters).flatMap(([name, { secret }]) => {
      const value = run.actionParameters[name];
      return secret === true && value !== null && value !== undefined ? [String(value)] : [];
    }),
  );
  return (text) => short.has(text) || run.services.mask(text) !== text;
}

function words(value: Json | undefined, what: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new PetrelError('invalid', `Parameter "${what}" must be a list of texts.`);
  // Array.isArray forgets what the items are.
  return (value as readonly Json[]).map((word) => (typeof word === 'string' ? word : JSON.stringify(word)));
}

function mapping(value: Json | undefined, what: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (isJsonObject(value)) return Object.keys(value).length === 0 ? undefined : value;
  throw new PetrelError('invalid', `Parameter "${what}" must be an object.`);
}

function numberOf(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value : otherwise;
}

function some<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Leaves out what is undefined. */
function present(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
