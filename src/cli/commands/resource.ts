import { stringify } from 'yaml';
import { type JsonObject, PetrelError } from '../../model/index.ts';
import { createRegistry, formatProblem } from '../../packs/index.ts';
import { crdOf } from '../../resources/index.ts';
import { SHIPPED_PACKS } from '../../shipped-packs.ts';
import { connect } from '../client.ts';
import { withContentTools } from '../content.ts';
import { type GlobalOptions, type LimitOptions, limitOf } from '../options.ts';
import { column, print, printList, table } from '../output.ts';

type ListOptions = GlobalOptions & LimitOptions;

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

/** Without a reference the declared resources, with one the objects of that resource. */
export async function list(ref: string | undefined, options: ListOptions): Promise<void> {
  const client = await connect(options);
  const limit = limitOf(options);
  const { items, total } =
    ref === undefined
      ? await client.page('GET /resources', { query: { limit } })
      : await client.page('GET /resources/objects', { query: { limit, resource: ref } });
  await printList(items, ref === undefined ? KINDS : OBJECTS, options, total);
}

export async function get(name: string, options: GlobalOptions): Promise<void> {
  const object = await (await connect(options)).call('GET /resources/objects/{name}', { path: { name } });
  await print(object, options, () => stringify(object).trimEnd());
}

export async function explain(name: string, options: GlobalOptions): Promise<void> {
  const view = await (await connect(options)).call('GET /resources/objects/{name}/explain', { path: { name } });
  await print(view, options, () => explained(view));
}

export async function reconcile(name: string, options: ReconcileOptions): Promise<void> {
  const client = await connect(options);
  const kinds = await client.call('GET /resources', { query: { limit: -1 } });
  const body = { dry_run: options.dryRun === true };
  const planned = kinds.some(({ ref }) => ref === name)
    ? await client.call('POST /resources/{ref}/reconcile', { path: { ref: name }, body })
    : await client.call('POST /resources/objects/{name}/reconcile', { path: { name }, body });
  await print(planned, options, () => {
    const said =
      options.dryRun === true ? 'Nothing was done. This is what would be:' : 'Asked for. This was to be done:';
    return `${said}\n${table(planned as unknown as readonly JsonObject[], PLANNED)}`; // the routes answer lists
  });
}

export async function abandon(name: string, options: GlobalOptions): Promise<void> {
  const object = await (await connect(options)).call('POST /resources/objects/{name}/abandon', { path: { name } });
  const { kind, namespace, name: found } = object;
  const title = [kind, ...(namespace === null ? [] : [namespace]), found].join('/');
  await print(
    object,
    options,
    () => `${title} is released: its finalizer goes, and what it stands for stays as it is.`,
  );
}

export async function orphans(ref: string | undefined, options: ListOptions): Promise<void> {
  const query = { limit: limitOf(options), resource: ref };
  const { items, total } = await (await connect(options)).page('GET /resources/orphans', { query });
  await printList(items, PLANNED, options, total);
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
  await print(definition, options, () => stringify(definition).trimEnd());
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
