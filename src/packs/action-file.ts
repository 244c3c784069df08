import { isAbsolute, join } from 'node:path';
import {
  type Action,
  isJsonObject,
  type JsonObject,
  type ParameterSchema,
  type ParameterSchemas,
  type RetryPolicy,
} from '../model/index.ts';
import { checkParameterSchemas } from './parameter-schema.ts';
import { didYouMean, oneOf } from './problems.ts';
import { checkPack, OUTPUT_FIELDS, readTags, TAG_FIELD } from './resource-file.ts';
import { checkMapping, type Fields, mappingOf, textOf } from './shape.ts';
import { hasErrors, type Source } from './source.ts';

/** What is known of a runner when a pack is read. `Runner` of the runners room is one. */
export interface KnownRunner {
  readonly name: string;
  readonly parameters: ParameterSchemas;
  /** No action with it runs; what to do instead. */
  readonly dropped?: string;
}

const NOTIFICATION = {
  kind: 'mapping',
  fields: {
    message: { kind: 'text' },
    data: { kind: 'mapping' },
    routes: { kind: 'list', items: { kind: 'text' } },
    channels: { kind: 'list', items: { kind: 'text' } },
  },
} as const;

/**
 * StackStorm's keys (stackstorm-packs.md, section 2) and three of Petrel's own, all optional:
 *
 * - `concurrency_key`: a template over the parameters. Executions whose keys come out equal run one at a time, in the
 *   order they were requested.
 * - `retry`: `{count, delay, max_delay}`. After a failure that the runner calls transient the same execution runs again, up to `count`
 *   times, waiting `delay` seconds (default 1), doubled each time up to `max_delay` (default 60).
 * - `timeout`: of a workflow, seconds from its start after which it ends as `timeout`, with everything it started.
 */
const FIELDS: Fields = {
  ...OUTPUT_FIELDS,
  name: { kind: 'text', required: true },
  runner_type: { kind: 'text', required: true },
  pack: { kind: 'text' },
  description: { kind: 'text' },
  enabled: { kind: 'boolean' },
  entry_point: { kind: 'text' },
  parameters: { kind: 'mapping' },
  output_schema: { kind: 'mapping' },
  tags: TAG_FIELD,
  notify: {
    kind: 'mapping',
    fields: { 'on-complete': NOTIFICATION, 'on-success': NOTIFICATION, 'on-failure': NOTIFICATION },
  },
  concurrency_key: { kind: 'text' },
  retry: {
    kind: 'mapping',
    fields: {
      count: { kind: 'integer', required: true, minimum: 0 },
      delay: { kind: 'number', minimum: 0 },
      max_delay: { kind: 'number', minimum: 0 },
    },
  },
  timeout: { kind: 'number', minimum: 0 },
};

/** Runners that execute a file, so that an action of theirs needs an `entry_point`. */
const FILE_RUNNERS: readonly string[] = [
  'local-shell-script',
  'remote-shell-script',
  'python-script',
  'action-chain',
  'orquesta',
  'winrm-ps-script',
  'typescript-script',
  'typescript-workflow',
];

/** Runners whose actions are workflows. They have no time limit of their own. */
const WORKFLOW_RUNNERS: readonly string[] = ['action-chain', 'orquesta', 'typescript-workflow'];

/** Names that StackStorm dropped, and what to write today. */
const FORMER_RUNNERS: Readonly<Record<string, string>> = {
  'run-local': 'local-shell-cmd',
  'run-local-script': 'local-shell-script',
  'run-remote': 'remote-shell-cmd',
  'run-remote-script': 'remote-shell-script',
  'run-python': 'python-script',
  'http-runner': 'http-request',
  'run-announcement': 'announcement',
  inquiry: 'inquirer',
  'mistral-v1': 'mistral-v2',
};

/** What an action may change of a parameter that its runner declares. */
const OVERRIDABLE: readonly string[] = ['default', 'description', 'enum', 'immutable', 'required'];

/**
 * Reads an action's metadata file. With `runners` the runner type and what the action says about the runner's parameters are
 * checked too. Does not look at the entry point's file.
 */
export function readAction(
  source: Source,
  metadataFile: string,
  packDirectory: string,
  runners?: ReadonlyMap<string, KnownRunner>,
): Action | undefined {
  const fields = checkMapping(source, [], source.value, FIELDS, { what: 'an action', lenient: true });
  if (fields === undefined) return undefined;
  checkPack(source, fields);
  const name = textOf(fields, 'name');
  const runnerType = readRunnerType(source, fields, runners);
  const dropped = runners?.get(runnerType ?? '')?.dropped;
  if (dropped !== undefined) source.warning(['runner_type'], `A request for this action fails. ${dropped}`);
  const declared = checkParameterSchemas(source, ['parameters'], mappingOf(fields, 'parameters'), 'parameter');
  checkPositions(source, declared);
  const parameters = checkRunnerParameters(source, declared, runners?.get(runnerType ?? ''));
  const entryPoint = textOf(fields, 'entry_point') ?? '';
  if (runnerType !== undefined && entryPoint === '' && FILE_RUNNERS.includes(runnerType)) {
    source.error(['runner_type'], `The runner "${runnerType}" executes a file, so the action needs an "entry_point".`);
  }
  const timeout = readTimeout(source, fields, runnerType);
  if (name === undefined || runnerType === undefined || hasErrors(source.problems)) return undefined;
  const description = textOf(fields, 'description');
  const tags = readTags(fields.tags);
  const concurrencyKey = textOf(fields, 'concurrency_key');
  return {
    ref: `${source.pack}.${name}`,
    pack: source.pack,
    name,
    ...(description === undefined ? {} : { description }),
    enabled: fields.enabled !== false,
    runnerType,
    entryPoint,
    entryPath: entryPathOf(packDirectory, entryPoint),
    parameters,
    ...(isJsonObject(fields.output_schema) ? { outputSchema: fields.output_schema } : {}),
    ...(tags === undefined ? {} : { tags }),
    ...(isJsonObject(fields.notify) ? { notify: fields.notify } : {}),
    ...(concurrencyKey === undefined ? {} : { concurrencyKey }),
    ...(isJsonObject(fields.retry) ? { retry: retryOf(fields.retry) } : {}),
    ...(timeout === undefined ? {} : { timeout }),
    metadataFile,
  };
}

/** Where an action's file lies: below `actions/`, unless the path is absolute. */
export function entryPathOf(packDirectory: string, entryPoint: string): string {
  if (entryPoint === '') return '';
  return isAbsolute(entryPoint) ? entryPoint : join(packDirectory, 'actions', entryPoint);
}

/** Fills in what a retry policy leaves out: a delay of 1 second, growing to 60. */
export function retryOf(policy: { count?: unknown; delay?: unknown; max_delay?: unknown }): RetryPolicy {
  const { count, delay, max_delay: maxDelay } = policy;
  return {
    count: typeof count === 'number' ? count : 0,
    delay: typeof delay === 'number' ? delay : 1,
    maxDelay: typeof maxDelay === 'number' ? maxDelay : 60,
  };
}

function readTimeout(source: Source, fields: JsonObject, runnerType: string | undefined): number | undefined {
  const { timeout } = fields;
  if (typeof timeout !== 'number') return undefined;
  if (runnerType !== undefined && !WORKFLOW_RUNNERS.includes(runnerType)) {
    source.error(
      ['timeout'],
      `Only workflows (${oneOf(WORKFLOW_RUNNERS)}) have a "timeout" here; the runner "${runnerType}" is limited by its own parameter of that name, if it has one: give it a "default" below "parameters".`,
      'key',
    );
  } else if (timeout <= 0) source.error(['timeout'], 'The "timeout" must be more than 0 seconds.');
  return timeout;
}

function readRunnerType(
  source: Source,
  fields: JsonObject,
  runners: ReadonlyMap<string, KnownRunner> | undefined,
): string | undefined {
  const written = textOf(fields, 'runner_type');
  if (written === undefined || runners === undefined || runners.has(written)) return written;
  // As StackStorm: the names of old had underscores.
  const dashed = written.replaceAll('_', '-');
  if (runners.has(dashed)) return dashed;
  const former = Object.hasOwn(FORMER_RUNNERS, dashed) ? FORMER_RUNNERS[dashed] : undefined;
  if (former !== undefined && runners.has(former)) {
    source.warning(['runner_type'], `The runner "${written}" is called "${former}" today; it is read as that.`);
    return former;
  }
  const hint = didYouMean(dashed, runners.keys()) || ` Known runners are ${oneOf(runners.keys())}.`;
  source.error(['runner_type'], `Unknown runner "${written}".${hint}`);
  return undefined;
}

/**
 * Positions of shell arguments ought to be unique and follow each other without a gap, wherever they start. StackStorm of today refuses others;
 * of old they worked, as they do here.
 */
function checkPositions(source: Source, parameters: ParameterSchemas): void {
  const taken = new Map<number, string>();
  for (const [name, { position }] of Object.entries(parameters)) {
    if (position === undefined) continue;
    const other = taken.get(position);
    if (other !== undefined) {
      source.warning(
        ['parameters', name, 'position'],
        `The parameters "${other}" and "${name}" both have position ${position}; only "${name}" is given by position.`,
      );
    }
    taken.set(position, name);
  }
  const positions = [...taken.keys()].sort((a, b) => a - b);
  for (const [index, position] of positions.entries()) {
    const expected = (positions[index - 1] ?? position - 1) + 1;
    if (position === expected) continue;
    const name = taken.get(position) ?? '';
    source.warning(
      ['parameters', name, 'position'],
      `Position ${expected} is left out: "${name}" has position ${position}; what is given by position closes up.`,
    );
    return;
  }
}

/**
 * Answers the parameters without what an action may not say of those that its runner declares. StackStorm of today refuses the action then; of old
 * it was taken. That a value is secret counts in any case.
 */
function checkRunnerParameters(
  source: Source,
  parameters: ParameterSchemas,
  runner: KnownRunner | undefined,
): ParameterSchemas {
  const checked = Object.entries(parameters).map(([name, schema]): [string, ParameterSchema] => {
    const inherited =
      runner !== undefined && Object.hasOwn(runner.parameters, name) ? runner.parameters[name] : undefined;
    if (schema.immutable === true && schema.default === undefined && inherited?.default === undefined) {
      // Without a list of runners the default may be the runner's.
      if (runner !== undefined) {
        source.error(
          ['parameters', name, 'immutable'],
          `The parameter "${name}" is immutable, so it needs a "default": nobody can give it a value.`,
          'key',
        );
      }
    }
    if (runner === undefined || inherited === undefined) return [name, schema];
    const kept = Object.entries(schema).filter(([keyword, value]) => {
      const problem = overrideProblem(name, keyword, value, runner.name, inherited);
      if (problem !== undefined) source.warning(['parameters', name, keyword], problem, 'key');
      return problem === undefined || keyword === 'secret';
    });
    return [name, Object.fromEntries(kept)];
  });
  return Object.fromEntries(checked);
}

function overrideProblem(
  name: string,
  keyword: string,
  value: unknown,
  runner: string,
  inherited: ParameterSchema,
): string | undefined {
  if (keyword === 'immutable' && inherited.immutable === true) {
    return `"${name}" is immutable in the runner "${runner}" already; leave it out here.`;
  }
  if (OVERRIDABLE.includes(keyword) || JSON.stringify(value) === JSON.stringify(inherited[keyword])) return undefined;
  return `"${name}" is a parameter of the runner "${runner}"; an action may change only ${oneOf(OVERRIDABLE)} of it, so this "${keyword}" has no effect.`;
}
