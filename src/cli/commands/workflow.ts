import { readFile } from 'node:fs/promises';
import { type Json, type JsonObject, messageOf, PetrelError } from '../../model/index.ts';
import {
  type Complaint,
  conductors,
  graphOf,
  inspectWorkflow,
  languageOfWorkflow,
  type SimulatedAction,
  scriptedOutcomes,
  simulate,
} from '../../workflows/index.ts';
import { parseParameters } from '../arguments.ts';
import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { print, table } from '../output.ts';

interface SimulateOptions extends GlobalOptions {
  readonly input: readonly string[];
  readonly outcomes?: string;
}

/** Exit code 1 when there is something wrong. */
export async function lint(file: string, options: GlobalOptions): Promise<number> {
  return await complain(await readWorkflow(file), file, options);
}

interface InspectOptions extends GlobalOptions {
  readonly file?: string;
  readonly action?: string;
}

/** As `st2 workflow inspect`. Exit code as `lint`. */
export async function inspect(options: InspectOptions): Promise<number> {
  const { file, action } = options;
  if (file !== undefined && action === undefined) return await lint(file, options);
  if (file !== undefined || action === undefined) {
    throw new PetrelError('invalid', 'Name one workflow: --file FILE, or --action PACK.ACTION for one on the server.');
  }
  const client = await connect(options);
  const text = await client.call('GET /actions/views/entry_point/{ref}', { path: { ref: action } });
  return await complain(text, action, options);
}

async function complain(text: string, file: string, options: GlobalOptions): Promise<number> {
  const complaints = inspectWorkflow(text, file);
  await print(
    complaints.map((complaint): Json => ({ ...complaint })),
    options,
    () =>
      [...complaints.map((complaint) => shown(file, complaint)), `${complaints.length} errors in ${file}`].join('\n'),
  );
  return complaints.length === 0 ? 0 : 1;
}

function shown(file: string, { line, column, type, message, spec_path: path }: Complaint): string {
  return `${file}:${line}:${column}: error: ${message} (${[type, path].filter((part) => part !== null).join(', ')})`;
}

/** Prints a Mermaid flowchart. */
export async function graph(file: string, options: GlobalOptions): Promise<void> {
  const chart = graphOf(await readWorkflow(file), file);
  await print({ mermaid: chart }, options, () => chart);
}

/** Exit code 0 when the workflow ends as `succeeded`, else 1. */
export async function simulation(file: string, options: SimulateOptions): Promise<number> {
  const text = await readWorkflow(file);
  const conductor = conductors.get(languageOfWorkflow(text, file));
  if (conductor === undefined) throw new PetrelError('invalid', `${file} is no workflow.`);
  const outcomes = options.outcomes === undefined ? {} : parseJson(await read(options.outcomes), options.outcomes);
  const { actions, status, result } = simulate(conductor, conductor.parse(text, file), {
    parameters: await parseInputs(options.input),
    outcome: scriptedOutcomes(outcomes),
  });
  const found = { actions: actions.map((action) => jsonOf(action)), status: status ?? null, result };
  await print(found, options, () => {
    const rows = table(found.actions, COLUMNS);
    return `${rows}\n\nstatus: ${status ?? 'waits for something that no action brings'}\nresult: ${JSON.stringify(result, null, 2)}`;
  });
  return status === 'succeeded' ? 0 : 1;
}

const COLUMNS = [
  {
    title: 'TASK',
    value: ({ task, route, item, compensates }: JsonObject) =>
      `${compensates === true ? 'undo ' : ''}${task}${route ? `@${route}` : ''}${item === null ? '' : `#${item}`}`,
  },
  { title: 'ACTION', value: ({ action }: JsonObject) => String(action) },
  { title: 'PARAMETERS', value: ({ parameters }: JsonObject) => JSON.stringify(parameters) },
  { title: 'DELAY', value: ({ delay }: JsonObject) => (delay === null ? '' : `${delay} s`) },
  { title: 'STATUS', value: ({ status }: JsonObject) => String(status) },
  { title: 'RESULT', value: ({ result }: JsonObject) => (result === null ? '' : JSON.stringify(result)) },
];

function jsonOf({ route, item, delay, ...rest }: SimulatedAction): JsonObject {
  return { ...rest, route: route ?? null, item: item ?? null, delay: delay ?? null };
}

async function parseInputs(words: readonly string[]): Promise<JsonObject> {
  const given = await parseParameters(words);
  // Values that are JSON are taken as such: there is no action whose parameters could say what they are.
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, typeof value === 'string' ? asJson(value) : value]),
  );
}

function asJson(text: string): Json {
  try {
    return JSON.parse(text) as Json; // JSON.parse answers JSON
  } catch {
    return text;
  }
}

function parseJson(text: string, file: string): Json {
  try {
    return JSON.parse(text) as Json; // as above
  } catch (error) {
    throw new PetrelError('invalid', `${file} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** The definition's text. Code is neither linted, drawn nor simulated: nobody knows what it does before it runs. */
async function readWorkflow(file: string): Promise<string> {
  if (/\.[mc]?[jt]s$/.test(file)) {
    const advice = 'check its pack with `petrel pack lint DIR`, and try it out with `testWorkflow` of petrel/sdk';
    throw new PetrelError('invalid', `${file} is code, not a workflow in YAML; ${advice}.`);
  }
  return await read(file);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new PetrelError('invalid', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
