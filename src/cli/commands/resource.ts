import { stringify } from 'yaml';
import { type JsonObject, PetrelError } from '../../model/index.ts';
import { createRegistry, formatProblem } from '../../packs/index.ts';
import { crdOf } from '../../resources/index.ts';
import { SHIPPED_PACKS } from '../../shipped-packs.ts';
import { call, findConnection } from '../client.ts';
import { withContentTools } from '../content.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';

interface ReconcileOptions extends GlobalOptions {
  readonly dryRun?: boolean;
}

interface PacksOptions extends GlobalOptions {
  readonly packs: readonly string[];
}

const KINDS = [
  column('REF', 'ref'),
  column('KIND', 'kind'),
  column('VERSION', 'api_version'),
  { title: 'OBJECTS', value: (row: JsonObject) => countsOf(row.objects) },
  column('ORPHANS', 'orphans'),
  column('PROBLEM', 'problem'),
];
const OBJECTS = [
  column('KIND', 'kind'),
  column('NAMESPACE', 'namespace'),
  column('NAME', 'name'),
  column('STATE', 'state'),
  column('REASON', 'reason'),
  column('MESSAGE', 'message'),
];
const PLANNED = [...OBJECTS.slice(0, 4), column('STEP', 'step'), ...OBJECTS.slice(4)];

const ask = async (options: GlobalOptions, path: string) =>
  (await call(findConnection(options, process.env), 'GET', `/resources${path}`)).body;
const objectPath = (name: string, rest = '') => `/objects/${encodeURIComponent(name)}${rest}`;

/** Without a reference the declared resources, with one the objects of that resource. */
export async function list(ref: string | undefined, options: GlobalOptions): Promise<void> {
  const path = ref === undefined ? '?limit=-1' : `/objects?limit=-1&resource=${encodeURIComponent(ref)}`;
  const body = await ask(options, path);
  const columns = ref === undefined ? KINDS : OBJECTS;
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}

export async function get(name: string, options: GlobalOptions): Promise<void> {
  const body = await ask(options, objectPath(name));
  print(body, options.json === true, () => stringify(body).trimEnd());
}

export async function explain(name: string, options: GlobalOptions): Promise<void> {
  const body = (await ask(options, objectPath(name, '/explain'))) as JsonObject; // an explanation
  print(body, options.json === true, () => explained(body));
}

export async function reconcile(name: string, options: ReconcileOptions): Promise<void> {
  const connection = findConnection(options, process.env);
  const kinds = (await call(connection, 'GET', '/resources?limit=-1')).body as readonly JsonObject[]; // a list answers an array
  const path = kinds.some(({ ref }) => ref === name) ? `/${encodeURIComponent(name)}` : objectPath(name);
  const { body } = await call(connection, 'POST', `/resources${path}/reconcile`, { dry_run: options.dryRun === true });
  print(body, options.json === true, () => {
    const said =
      options.dryRun === true ? 'Nothing was done. This is what would be:' : 'Asked for. This was to be done:';
    return `${said}\n${table(body as readonly JsonObject[], PLANNED)}`; // a list answers an array
  });
}

export async function abandon(name: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(
    findConnection(options, process.env),
    'POST',
    `/resources${objectPath(name, '/abandon')}`,
  );
  const { kind, namespace, name: found } = body as JsonObject; // an object's view
  const title = [kind, ...(namespace === null ? [] : [namespace]), found].join('/');
  print(
    body,
    options.json === true,
    () => `${title} is released: its finalizer goes, and what it stands for stays as it is.`,
  );
}

export async function orphans(ref: string | undefined, options: GlobalOptions): Promise<void> {
  const query = ref === undefined ? '' : `&resource=${encodeURIComponent(ref)}`;
  const body = await ask(options, `/orphans?limit=-1${query}`);
  print(body, options.json === true, () => table(body as readonly JsonObject[], PLANNED)); // a list answers an array
}

/** Needs no server. */
export async function crd(ref: string, options: PacksOptions): Promise<void> {
  const resource = await withContentTools(async ({ modules, runners }) => {
    const registry = createRegistry({
      packDirectories: [...options.packs, SHIPPED_PACKS],
      baseDirectory: SHIPPED_PACKS,
      modules,
      runners,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    const { resources, problems } = await registry.load();
    const found = resources.get(ref);
    if (found !== undefined) return found;
    const about = problems.filter(({ file }) => file.includes('/resources/')).map((problem) => formatProblem(problem));
    const known = [...resources.keys()].join(', ') || 'none; name a directory of packs with --packs';
    throw new PetrelError(
      'not_found',
      [`No pack declares the resource "${ref}". Declared: ${known}.`, ...about].join('\n'),
    );
  });
  const definition = crdOf(resource);
  print(definition, options.json === true, () => stringify(definition).trimEnd());
}

function countsOf(counts: unknown): string {
  const entries = Object.entries((counts ?? {}) as Readonly<Record<string, number>>); // states and numbers
  return entries.length === 0 ? '0' : entries.map(([state, count]) => `${count} ${state}`).join(', ');
}

function explained(view: JsonObject): string {
  const { kind, namespace, name, uid, resource, generation, applied, state, reason, message, step } = view;
  const title = [kind, ...(namespace === null ? [] : [namespace]), name].join('/');
  const shown = (value: unknown) => stringify(value).trimEnd().replace(/^/gm, '  ');
  const difference = view.difference as readonly string[]; // of an explanation
  const history = view.history as readonly JsonObject[]; // of an explanation
  return [
    `${title} (${uid}), declared by ${resource}`,
    `Generation ${generation} is wished, ${applied} was brought about.`,
    `It is ${state} (${reason}): ${message}`,
    step === 'none' ? 'Nothing is to be done now.' : `Next: ${step}.`,
    'Desired:',
    shown(view.desired),
    'Observed:',
    view.observed === null ? '  nothing yet' : shown(view.observed),
    difference.length === 0 ? 'No difference was seen.' : `Different: ${difference.join(', ')}`,
    'Outputs:',
    shown(view.outputs),
    'History, newest first:',
    table(history, [
      column('ID', 'id'),
      column('HANDLER', 'handler'),
      column('GENERATION', 'generation'),
      column('ACTION', 'action'),
      column('STATUS', 'status'),
      column('CREATED', 'created'),
    ]).replace(/^/gm, '  '),
  ].join('\n');
}
