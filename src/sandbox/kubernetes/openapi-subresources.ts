/** The operations of subresources beside status, and which of a resource's operations are served at all. */
import { isMap, type Json, type JsonMap } from './json.ts';
import { type Kind, VERBS } from './kinds/kind.ts';
import { operation, PATCH, type Parameter, parameter, WRITE } from './openapi-paths.ts';

const LOG: readonly Parameter[] = [
  { name: 'container', type: 'string', description: 'The container for which to stream logs.' },
  { name: 'follow', type: 'boolean', description: 'Follow the log stream of the pod.' },
  { name: 'limitBytes', type: 'integer', description: 'The number of bytes to read before the output is ended.' },
  { name: 'previous', type: 'boolean', description: 'Return previous terminated container logs.' },
  { name: 'tailLines', type: 'integer', description: 'The number of lines from the end of the logs to show.' },
  { name: 'timestamps', type: 'boolean', description: 'Add a timestamp at the beginning of every line.' },
];

/** `define` puts one of Kubernetes' own types among the definitions and tells its name there. */
export function subresourcePaths(kind: Kind, dialect: 2 | 3, define: (type: string) => string): JsonMap {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const item = `${root}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}/{name}`;
  const places: Parameter[] = [{ name: 'name', type: 'string', description: `name of the ${kind.kind}` }];
  if (kind.namespaced) {
    places.push({
      name: 'namespace',
      type: 'string',
      description: 'object name and auth scope, such as for teams and projects',
    });
  }
  const parameters = places.map((one) => parameter(one, 'path', dialect));
  const paths: JsonMap = {};
  if (kind.scale !== undefined) {
    const schema = define('autoscaling.v1.Scale');
    const gvk = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    const whole = { schema, types: ['*/*'], required: true };
    const patch = {
      schema: PATCH,
      types: ['application/json-patch+json', 'application/merge-patch+json'],
      required: true,
    };
    const one = (action: string, body?: typeof whole) => ({
      ...operation(kind, dialect, {
        action,
        answer: schema,
        ending: 'Scale',
        ...(body === undefined ? {} : { body, parameters: WRITE }),
      }),
      'x-kubernetes-group-version-kind': gvk,
    });
    paths[`${item}/scale`] = { get: one('get'), put: one('put', whole), patch: one('patch', patch), parameters };
  }
  const posted = (name: string, type: string, gvk: JsonMap) => {
    const schema = define(type);
    const body = { schema, types: ['*/*'], required: true };
    const ending = name.charAt(0).toUpperCase() + name.slice(1);
    const made = operation(kind, dialect, { action: 'post', answer: schema, ending, body, parameters: WRITE });
    paths[`${item}/${name}`] = { post: { ...made, 'x-kubernetes-group-version-kind': gvk }, parameters };
  };
  for (const { name } of kind.subresources ?? []) {
    if (name === 'eviction') posted(name, 'policy.v1.Eviction', { group: 'policy', version: 'v1', kind: 'Eviction' });
    if (name === 'token') {
      posted(name, 'authentication.v1.TokenRequest', {
        group: 'authentication.k8s.io',
        version: 'v1',
        kind: 'TokenRequest',
      });
    }
    if (name === 'log') {
      const made = operation(kind, dialect, { action: 'get', answer: PATCH, ending: 'Log', parameters: LOG });
      paths[`${item}/log`] = { get: { ...made, responses: { 200: logAnswer(dialect) } }, parameters };
    }
  }
  return paths;
}

function logAnswer(dialect: 2 | 3): JsonMap {
  const schema = { type: 'string' };
  return { description: 'OK', ...(dialect === 3 ? { content: { 'text/plain': { schema } } } : { schema }) };
}

const VERB_OF: Readonly<Record<string, string>> = { post: 'create', put: 'update' };

/** Leaves out what cannot be done with a kind, such as to list reviews. */
export function servedPaths(kind: Kind, paths: JsonMap): JsonMap {
  const verbs: readonly string[] = kind.verbs ?? VERBS;
  const served = (operation: Json | undefined): boolean => {
    if (!isMap(operation)) return true;
    const action = String(operation['x-kubernetes-action']);
    return verbs.includes(VERB_OF[action] ?? action);
  };
  const kept = Object.entries(paths).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(isMap(item) ? item : {}).filter(([, operation]) => served(operation))),
  ]);
  return Object.fromEntries(kept.filter(([, item]) => Object.keys(item ?? {}).some((key) => key !== 'parameters')));
}
