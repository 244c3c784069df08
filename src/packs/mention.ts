import type { JsonObject } from '../model/index.ts';
import type { Place } from './problems.ts';
import type { Path, Source } from './source.ts';

/** An action that a rule or a task of a chain asks for, and where. Whether it exists is known only when all packs are read. */
export interface ActionMention {
  /** Who asks, as the subject of a sentence: `this rule`, `this task`. */
  readonly by: string;
  readonly ref: string;
  readonly file: string;
  readonly place: Place;
  /** Names of the parameters that are given, and where they stand. */
  readonly parameters: ReadonlyMap<string, Place>;
  /** More parameters will come, so none can be called missing. */
  readonly open?: boolean;
}

/** A mention of the action `ref` at `path`, with the parameters at `parametersPath`. */
export function mentionOf(
  source: Source,
  by: string,
  action: { readonly ref: string; readonly path: Path; readonly parameters: JsonObject; readonly parametersPath: Path },
): ActionMention {
  const places = Object.keys(action.parameters).map((name): [string, Place] => [
    name,
    source.place([...action.parametersPath, name], 'key'),
  ]);
  return { by, ref: action.ref, file: source.file, place: source.place(action.path), parameters: new Map(places) };
}
