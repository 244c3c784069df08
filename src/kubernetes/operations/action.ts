import { type Action, PetrelError } from '../../model/index.ts';
import type { Method, Operation } from './read-document.ts';

/** The pack that operations belong to; its own actions win over an operation of the same name. */
export const OPERATIONS_PACK = 'kubernetes';

/** operationIds are camel case from a verb on; the pack's own actions are not. */
const REFERENCE = new RegExp(`^${OPERATIONS_PACK}\\.[a-z]+[A-Z]\\w*$`);

/** Whether a reference could be an operation's, by its looks. */
export function mayBeOperation(ref: string): boolean {
  return REFERENCE.test(ref);
}

/** The runner of operations. */
export const OPERATION_RUNNER = 'kubernetes-operation';

/** As the pack's own actions: an outage of a few minutes is waited out. The runner says what may be repeated. */
const RETRY = { count: 8, delay: 1, maxDelay: 30 };

/** The action that an operation is. Its entry point says what is called: `GET /api/v1/namespaces/{namespace}/pods/{name}`. */
export function actionOfOperation(operation: Operation, document: string): Action {
  return {
    ref: `${OPERATIONS_PACK}.${operation.name}`,
    pack: OPERATIONS_PACK,
    name: operation.name,
    description: operation.description,
    enabled: true,
    runnerType: OPERATION_RUNNER,
    entryPoint: `${operation.method} ${operation.path}`,
    entryPath: '',
    parameters: operation.parameters,
    retry: RETRY,
    metadataFile: document,
  };
}

/** Method and path of an operation's action. Throws `internal` for any other action. */
export function callOfAction(action: Pick<Action, 'ref' | 'entryPoint'>): {
  readonly method: Method;
  readonly path: string;
} {
  const match = /^(GET|POST|PUT|PATCH|DELETE) (\/.*)$/.exec(action.entryPoint);
  const [, method, path] = match ?? [];
  if (method === undefined || path === undefined) {
    throw new PetrelError(
      'invalid',
      `The entry point of action "${action.ref}" is no call: ${JSON.stringify(action.entryPoint)}. Write it like "GET /api/v1/namespaces/{namespace}/pods".`,
    );
  }
  return { method: method as Method, path }; // one of the alternatives of the pattern
}

/**
 * What the names of a document's operations hold between verb and kind, in lower case: `corev1` for `api/v1`, `appsv1` for
 * `apis/apps/v1`, `rbacauthorizationv1` for `apis/rbac.authorization.k8s.io/v1`, as kube-apiserver makes them.
 */
export function tagOf(group: string): string {
  const [first = '', second = '', ...rest] = group.split('/');
  const parts =
    first === 'api'
      ? ['core', second, ...rest]
      : first === 'apis'
        ? [second.replace(/\.k8s\.io$/, ''), ...rest]
        : [first];
  return parts
    .join('')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}
