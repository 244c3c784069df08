import type { PackContent, Problem } from '../model/index.ts';
import type { ActionMention } from './mention.ts';
import type { PolicyPlaces } from './policy-file.ts';
import type { Place } from './problems.ts';

/** Where the parts of a rule stand that can only be checked when all packs are read. */
export interface RulePlaces {
  readonly file: string;
  readonly triggerType: Place;
  readonly triggerParameters: Place;
  readonly action: ActionMention;
}

/** A pack as read from its folder, by itself. */
export interface LoadedPack {
  readonly kind: 'loaded';
  /** It comes with Petrel: another of its name lies over it rather than in its place. */
  readonly isBase?: boolean;
  readonly content: PackContent;
  readonly rulePlaces: ReadonlyMap<string, RulePlaces>;
  readonly policyPlaces: ReadonlyMap<string, PolicyPlaces>;
  /** Actions that action-chains and aliases ask for. */
  readonly mentions: readonly ActionMention[];
  /** Metadata files (relative to the pack's folder; configuration and its schema: absolute) that are there but could not be used. */
  readonly refusedFiles: ReadonlySet<string>;
}

/** A folder that is no usable pack: its pack.yaml is missing or wrong. */
export interface RefusedPack {
  readonly kind: 'refused';
  readonly directory: string;
  readonly problems: readonly Problem[];
}
