import type { Action, Problem, Rule, TriggerType } from '../model/index.ts';
import type { KnownRunner } from './action-file.ts';
import { validateProperties } from './json-validation.ts';
import type { LoadedPack, RulePlaces } from './loaded-pack.ts';
import { didYouMean, type Place } from './problems.ts';
import { mappingOf } from './shape.ts';

/** Everything that packs may refer to, by `pack.name`. */
export interface Known {
  readonly actions: ReadonlyMap<string, Action>;
  readonly triggerTypes: ReadonlyMap<string, TriggerType>;
  readonly runners?: ReadonlyMap<string, KnownRunner>;
}

export interface ReferenceCheck {
  readonly problems: readonly Problem[];
  /** Rules that cannot be registered: their trigger does not exist, or its parameters are not what it takes. */
  readonly refusedRules: ReadonlySet<string>;
}

/**
 * Checks what a pack refers to in itself and in others. As StackStorm, a rule on an unknown trigger type is refused, while an
 * unknown action is only warned of: its pack may come later.
 */
export function checkReferences(pack: LoadedPack, known: Known): ReferenceCheck {
  const problems: Problem[] = [];
  const refusedRules = new Set<string>();
  const report = (severity: Problem['severity'], file: string, place: Place, message: string) => {
    problems.push({ severity, pack: pack.content.manifest.ref, file, ...place, message });
  };
  for (const rule of pack.content.rules) {
    const places = pack.rulePlaces.get(rule.ref);
    if (places === undefined) continue;
    const refuse = (place: Place, message: string) => {
      report('error', places.file, place, message);
      refusedRules.add(rule.ref);
    };
    checkTrigger(rule, places, known, refuse);
    checkAction(rule, places, known, (place, message) => report('warning', places.file, place, message));
  }
  for (const { ref, file, place } of pack.mentions) {
    if (ref.includes('{{') || ref.includes('{%') || known.actions.has(ref)) continue;
    report(
      'warning',
      file,
      place,
      `The action "${ref}" does not exist, so this task will fail.${didYouMean(ref, known.actions.keys())}`,
    );
  }
  return { problems, refusedRules };
}

type Complain = (place: Place, message: string) => void;

function checkTrigger(rule: Rule, places: RulePlaces, known: Known, refuse: Complain): void {
  const type = known.triggerTypes.get(rule.trigger.type);
  if (type === undefined) {
    const hint = didYouMean(rule.trigger.type, known.triggerTypes.keys());
    refuse(places.triggerType, `The trigger type "${rule.trigger.type}" does not exist.${hint}`);
    return;
  }
  const { parametersSchema } = type;
  if (parametersSchema.properties === undefined) return;
  const properties = mappingOf(parametersSchema, 'properties');
  const additional = parametersSchema.additionalProperties !== false;
  for (const { path, message } of validateProperties(properties, rule.trigger.parameters, { additional })) {
    const what = path.length === 0 ? 'The parameters' : `The parameter "${path.join('.')}"`;
    refuse(places.triggerParameters, `${what} of the trigger "${type.ref}" ${message}.`);
  }
}

function checkAction(rule: Rule, places: RulePlaces, known: Known, warn: Complain): void {
  const action = known.actions.get(rule.action.ref);
  if (action === undefined) {
    const hint = didYouMean(rule.action.ref, known.actions.keys());
    warn(
      places.actionRef,
      `The action "${rule.action.ref}" does not exist, so this rule will fail when it matches.${hint}`,
    );
    return;
  }
  const runner = known.runners?.get(action.runnerType);
  // Without the runner's parameters it cannot be told which names are unknown.
  if (runner === undefined) return;
  const schemas = { ...runner.parameters, ...action.parameters };
  for (const [name, place] of places.actionParameters) {
    const merged = { ...runner.parameters[name], ...action.parameters[name] };
    if (!Object.hasOwn(schemas, name)) {
      warn(
        place,
        `The action "${action.ref}" has no parameter "${name}", so it will refuse this request.${didYouMean(name, Object.keys(schemas))}`,
      );
    } else if (merged.immutable === true) {
      warn(
        place,
        `The parameter "${name}" of the action "${action.ref}" is immutable, so it will refuse this request.`,
      );
    }
  }
  for (const [name, schema] of Object.entries(schemas)) {
    const merged = { ...runner.parameters[name], ...schema };
    if (merged.required === true && (merged.default ?? null) === null && !Object.hasOwn(rule.action.parameters, name)) {
      warn(
        places.actionRef,
        `The action "${action.ref}" needs the parameter "${name}", which this rule does not give.`,
      );
    }
  }
}
