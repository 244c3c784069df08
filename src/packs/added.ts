import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Action,
  ActionAlias,
  JsonObject,
  PackContent,
  PackManifest,
  Policy,
  Problem,
  Rule,
  TriggerType,
} from '../model/index.ts';
import { type KnownRunner, readAction } from './action-file.ts';
import { mentionOfAlias, readAlias } from './alias-file.ts';
import type { LoadedPack, RulePlaces } from './loaded-pack.ts';
import { type ActionMention, mentionOf } from './mention.ts';
import { type PolicyPlaces, placesOfPolicy, readPolicy } from './policy-file.ts';
import { readRule } from './rule-file.ts';
import { parseSource, type Source } from './source.ts';
import { readTriggerType } from './trigger-file.ts';

/** What can be made through the API beside the packs' files. */
const ADDED_KINDS = ['action', 'rule', 'trigger_type', 'policy', 'action_alias'] as const;
export type AddedKind = (typeof ADDED_KINDS)[number];

/** Content that no file holds: metadata as a file of the pack would hold it. */
export interface AddedContent {
  /** Kinds that are not known here are passed over: `config` and `enabled` are read elsewhere, others are of a newer Petrel. */
  readonly kind: string;
  readonly ref: string;
  readonly body: JsonObject;
}

interface Reading {
  readonly runners?: ReadonlyMap<string, KnownRunner>;
  /** The folders of packs. Content may also be of a pack that has none. */
  folderOf(pack: string): string | undefined;
  /** Where the files of added actions were put, as `<pack>/actions/<entry point>`. */
  readonly filesDirectory?: string;
  /** Throws when a format of an alias is none. */
  readonly checkAliasFormat?: (format: string) => void;
}

/** What stands in the place of a file's path in problems about added content. */
export function originOf(kind: string, ref: string): string {
  return `api:${kind}/${ref}.json`;
}

function isAddedKind(kind: string): kind is AddedKind {
  return (ADDED_KINDS as readonly string[]).includes(kind);
}

/** Reads added content pack by pack, by the same readers and with the same complaints as files. */
export function readAdded(contents: readonly AddedContent[], reading: Reading): readonly LoadedPack[] {
  const packs = new Map<string, Draft>();
  for (const content of contents) {
    if (!isAddedKind(content.kind)) continue;
    const [pack = ''] = content.ref.split('.', 1);
    const draft = packs.get(pack) ?? newDraft();
    packs.set(pack, draft);
    const { data_files: _files, metadata_file: metadataFile, ...metadata } = content.body;
    // As JSON, so that texts stay texts.
    const source = parseSource(JSON.stringify(metadata), { file: originOf(content.kind, content.ref), pack });
    readInto(draft, content.kind, source, reading, typeof metadataFile === 'string' ? { metadataFile } : {});
    draft.problems.push(...source.problems);
  }
  return [...packs].map(([pack, draft]) => loadedPack(pack, draft));
}

interface Draft {
  readonly actions: Action[];
  readonly rules: Rule[];
  readonly triggerTypes: TriggerType[];
  readonly policies: Policy[];
  readonly aliases: ActionAlias[];
  readonly mentions: ActionMention[];
  readonly rulePlaces: Map<string, RulePlaces>;
  readonly policyPlaces: Map<string, PolicyPlaces>;
  readonly problems: Problem[];
}

function newDraft(): Draft {
  return {
    actions: [],
    rules: [],
    triggerTypes: [],
    policies: [],
    aliases: [],
    mentions: [],
    rulePlaces: new Map(),
    policyPlaces: new Map(),
    problems: [],
  };
}

/** `came`: the file of an action's metadata, when it came with its other files. */
function readInto(
  draft: Draft,
  kind: AddedKind,
  source: Source,
  reading: Reading,
  came: Partial<Pick<Action, 'metadataFile'>>,
): void {
  switch (kind) {
    case 'action': {
      const action = readAddedAction(source, reading);
      if (action !== undefined) draft.actions.push({ ...action, ...came });
      return;
    }
    case 'rule': {
      const rule = readRule(source, '');
      if (rule === undefined) return;
      draft.rules.push(rule);
      draft.rulePlaces.set(rule.ref, placesOfRule(source, rule));
      return;
    }
    case 'trigger_type': {
      const type = readTriggerType(source, '');
      if (type !== undefined) draft.triggerTypes.push(type);
      return;
    }
    case 'policy': {
      const policy = readPolicy(source, '');
      if (policy === undefined) return;
      draft.policies.push(policy);
      draft.policyPlaces.set(policy.ref, placesOfPolicy(source, policy));
      return;
    }
    case 'action_alias': {
      const alias = readAlias(source, '', reading.checkAliasFormat);
      if (alias === undefined) return;
      draft.aliases.push(alias);
      draft.mentions.push(mentionOfAlias(source, alias));
    }
  }
}

/** An added action's file is what came with it, else one of the pack's folder. */
function readAddedAction(source: Source, { folderOf, filesDirectory, runners }: Reading): Action | undefined {
  const { pack } = source;
  const folder = folderOf(pack);
  const action = readAction(source, '', folder ?? '', runners);
  if (action === undefined || action.entryPoint === '') return action;
  const brought = filesDirectory === undefined ? undefined : join(filesDirectory, pack, 'actions', action.entryPoint);
  if (brought !== undefined && existsSync(brought)) return { ...action, entryPath: brought };
  if (folder !== undefined && existsSync(action.entryPath)) return action;
  source.error(
    ['entry_point'],
    `The entry point "${action.entryPoint}" is neither in the folder of the pack "${pack}" nor among the "data_files" of this action.`,
  );
  return undefined;
}

export function placesOfRule(source: Source, rule: Rule): RulePlaces {
  return {
    file: source.file,
    triggerType: source.place(['trigger', 'type']),
    triggerParameters: source.place(['trigger', 'parameters']),
    action: mentionOf(source, 'this rule', {
      ...rule.action,
      path: ['action', 'ref'],
      parametersPath: ['action', 'parameters'],
    }),
  };
}

function loadedPack(pack: string, draft: Draft): LoadedPack {
  const { rulePlaces, policyPlaces, problems, mentions, ...resources } = draft;
  const manifest: PackManifest = { ref: pack, name: pack, description: '', version: '', author: '', path: '' };
  const content: PackContent = {
    manifest,
    ...resources,
    sensors: [],
    resources: [],
    configSchema: {},
    config: {},
    problems,
  };
  return { kind: 'loaded', content, rulePlaces, policyPlaces, mentions, refusedFiles: new Set() };
}
