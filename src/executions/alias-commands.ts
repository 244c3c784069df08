import { type AliasExtraction, type CompiledAlias, compileAlias, extract, matchCommand } from '../aliases/index.ts';
import { keyLookups } from '../expressions/index.ts';
import {
  type ActionAlias,
  type Execution,
  type Json,
  type JsonObject,
  messageOf,
  PetrelError,
} from '../model/index.ts';
import type { RegistrySnapshot } from '../packs/index.ts';
import { renderValues, type Variables } from '../workflows/index.ts';
import type { Executions } from './executions.ts';
import { mergeSchemas } from './parameters/index.ts';
import { findAction, type Preparation, packConfig, runnerParametersOf } from './prepare.ts';

/** Who said a command, and where an answer goes. */
export interface AliasSpeaker {
  /** Whose token the request came with. */
  readonly user: string;
  /** Throws when the user may not run an action. Absent: the user may run all. */
  readonly permit?: (actionRef: string) => void;
  /** The user of the chat. */
  readonly chatUser?: string;
  readonly sourceChannel?: string;
  /** Of the chat's adapter; handed back with the answer. */
  readonly sourceContext?: Json;
  /** The user alone is told of the end. */
  readonly whisper?: boolean;
  /** Without one nobody is told of the end. */
  readonly route?: string;
  /** Of who asks for it; absent: what is requested begins a trace. */
  readonly traceContext?: JsonObject;
}

export interface AliasMatched {
  readonly alias: ActionAlias;
  readonly display: string | undefined;
  readonly representation: string;
}

export interface AliasRun {
  readonly execution: Execution;
  readonly alias: ActionAlias;
}

export interface AliasCommands {
  /** The one alias whose format a command fits. Throws `PetrelError` (`invalid`) when none does, or several. */
  match(command: string): AliasMatched;
  /**
   * Runs an alias' action with what the command says: once, or for each match of a `match_multiple` format. Throws `PetrelError`:
   * `not_found` (no such alias), `invalid` (the format is not its own, the command does not fit, parameters that the action refuses).
   */
  execute(
    request: { readonly name: string; readonly format: string; readonly command: string },
    speaker: AliasSpeaker,
  ): Promise<readonly AliasRun[]>;
  matchAndExecute(command: string, speaker: AliasSpeaker): Promise<readonly AliasRun[]>;
}

export interface AliasServices {
  prepare(): Preparation;
  request: Executions['request'];
  /** The id that an alias has in the API. */
  idOf(alias: ActionAlias): string;
}

/** Chat commands to executions (stackstorm-packs.md, section 10.2). */
export function createAliasCommands({ prepare, request, idOf }: AliasServices): AliasCommands {
  const compiled = new WeakMap<RegistrySnapshot, readonly CompiledAlias<ActionAlias>[]>();

  const compiledOf = (registry: RegistrySnapshot): readonly CompiledAlias<ActionAlias>[] => {
    const known = compiled.get(registry);
    if (known !== undefined) return known;
    const aliases = [...registry.aliases.values()].filter(({ enabled }) => enabled).map((alias) => compileAlias(alias));
    compiled.set(registry, aliases);
    return aliases;
  };

  const match = (command: string): AliasMatched => {
    const { outcome, matches } = matchCommand(compiledOf(prepare().registry), command);
    const [first] = matches;
    if (outcome === 'ok' && first !== undefined) return first;
    if (outcome === 'none') throw new PetrelError('invalid', `Command '${command}' matched no patterns`);
    const which = matches.map(({ alias, display }) => `${alias.ref} (${display ?? ''})`).join(', ');
    throw new PetrelError('invalid', `Command '${command}' matched more than 1 pattern: ${which}`);
  };

  const run = async (matched: AliasMatched, command: string, speaker: AliasSpeaker): Promise<readonly AliasRun[]> => {
    const { alias, representation } = matched;
    speaker.permit?.(alias.actionRef);
    const matchMultiple = isMultiple(alias, representation);
    const extractions = extract(representation, command, { matchMultiple });
    if (extractions.length === 0) {
      const format = matched.display ?? representation;
      throw new PetrelError('invalid', `Command '${command}' doesn't match format string '${format}'`);
    }
    const context = contextOf(alias, speaker, idOf);
    const notify = notifyOf(speaker);
    const runs: AliasRun[] = [];
    // All are prepared before the first is requested, so that a command with a mistake starts nothing.
    const requests = [];
    for (const extraction of extractions) {
      const parameters = await parametersOf(alias, extraction, context, prepare());
      requests.push({ actionRef: alias.actionRef, parameters, user: speaker.user, literal: true, context, notify });
    }
    for (const one of requests) runs.push({ alias, execution: await request(one) });
    return runs;
  };

  return {
    match,
    async execute({ name, format, command }, speaker) {
      const { registry } = prepare();
      // A bot knows an alias by its name alone, which other packs may use, too: its format tells which one is meant.
      const named = [...registry.aliases.values()].filter((one) => one.name === name);
      const meant = named.find((one) => one.enabled && representationsOf(one).includes(format));
      const alias = registry.aliases.get(name) ?? meant ?? named[0];
      if (alias === undefined)
        throw new PetrelError('not_found', `Unable to identify action alias with name "${name}".`);
      if (!alias.enabled) throw new PetrelError('invalid', `The action alias "${name}" is disabled.`);
      const known = representationsOf(alias);
      if (!known.includes(format)) {
        throw new PetrelError('invalid', `Format '${format}' is not one of the action alias "${name}".`);
      }
      return await run({ alias, display: format, representation: format }, command, speaker);
    },
    async matchAndExecute(command, speaker) {
      return await run(match(command), command, speaker);
    },
  };
}

/** What an alias shows to people and what it reads, for each of its formats. */
export function displaysOf({ formats }: ActionAlias): readonly string[] {
  return formats.flatMap((format) => (typeof format === 'string' ? format : (format.display ?? [])));
}

function representationsOf({ formats }: ActionAlias): readonly string[] {
  return formats.flatMap((format) => {
    if (typeof format === 'string') return [format];
    const { representation = [], display } = format;
    const texts = typeof representation === 'string' ? [representation] : representation;
    return texts.length === 0 && display !== undefined ? [''] : texts;
  });
}

function isMultiple(alias: ActionAlias, representation: string): boolean {
  return alias.formats.some(
    (format) =>
      typeof format !== 'string' &&
      format.match_multiple === true &&
      [format.representation ?? []].flat().includes(representation),
  );
}

function contextOf(alias: ActionAlias, speaker: AliasSpeaker, idOf: AliasServices['idOf']): JsonObject {
  return {
    action_alias_ref: { id: idOf(alias), name: alias.name },
    api_user: speaker.chatUser ?? speaker.user,
    user: speaker.user,
    ...(speaker.sourceChannel !== undefined && { source_channel: speaker.sourceChannel }),
    ...(speaker.traceContext && { trace_context: speaker.traceContext }),
  };
}

/** What people say in a chat is data: `literal` keeps it from being read as a template when the end is told. */
function notifyOf({ user, chatUser, route, sourceChannel, sourceContext, whisper }: AliasSpeaker): JsonObject {
  if (route === undefined || route === '') return {};
  const data = {
    user: chatUser ?? user,
    ...(sourceChannel !== undefined && { source_channel: sourceChannel }),
    ...(sourceContext !== undefined && { source_context: sourceContext }),
    ...(whisper === true && { whisper }),
  };
  return { 'on-complete': { routes: [route], data, literal: true } };
}

/** What the command said, cast, and what nobody may say otherwise. */
async function parametersOf(
  alias: ActionAlias,
  extraction: AliasExtraction,
  context: JsonObject,
  preparation: Preparation,
): Promise<JsonObject> {
  const immutable = alias.immutableParameters ?? {};
  const overridden = Object.keys(immutable).filter((name) => Object.hasOwn(extraction, name));
  if (overridden.length > 0) {
    const names = overridden.map((name) => `"${name}"`).join(', ');
    throw new PetrelError('invalid', `The alias ${alias.ref} sets ${names} itself; a command may not.`);
  }
  const { inputs, jinja } = preparation;
  const fixed = await inputs.evaluate(() => {
    const action = findAction(preparation, alias.actionRef);
    const user = String(context.api_user);
    const variables = (): Variables => ({
      st2kv: keyLookups(inputs.key, { user }),
      action_context: context,
      config_context: packConfig(preparation, action.pack, user),
    });
    const templates = { render: (text: string, given: Variables) => jinja.compile(text).render(given) };
    return { action, values: renderValues(immutable, variables, templates) };
  });
  const schemas = mergeSchemas(runnerParametersOf(preparation, fixed.action), fixed.action.parameters);
  const said = Object.entries(extraction).map(([name, value]): [string, Json] => [
    name,
    // As StackStorm, which splits lists at commas before its casts see them.
    typeof value === 'string' && schemas[name]?.type === 'array' ? value.split(',').map((item) => item.trim()) : value,
  ]);
  return { ...Object.fromEntries(said), ...fixed.values };
}

/** What is said at once, rendered over `{execution, actionalias}`: the alias' `ack`. A template with a mistake says so instead. */
export function acknowledge(
  alias: ActionAlias,
  variables: JsonObject,
  { jinja }: Pick<Preparation, 'jinja'>,
): { readonly message?: string; readonly extra?: JsonObject } {
  const { format, extra } = alias.ack ?? {};
  const templates = { render: (text: string, given: Variables) => jinja.compile(text).render(given) };
  const attempt = <T>(field: string, work: () => T): T | string => {
    try {
      return work();
    } catch (error) {
      return `Cannot render "${field}" in field "ack" for alias. ${messageOf(error)}`;
    }
  };
  const answer: { message?: string; extra?: JsonObject } = {};
  if (typeof format === 'string') answer.message = attempt('format', () => jinja.compile(format).render(variables));
  if (typeof extra === 'object' && extra !== null && !Array.isArray(extra)) {
    const rendered = attempt('extra', () => renderValues(extra as JsonObject, () => variables, templates)); // neither null nor a list
    answer.extra = typeof rendered === 'string' ? { error: rendered } : rendered;
  }
  return answer;
}
