import type { Action, ActionProvider, Policy, Problem, Rule, TriggerType } from '../model/index.ts';
import type { KnownRunner } from './action-file.ts';
import { validateProperties } from './json-validation.ts';
import type { LoadedPack, RulePlaces } from './loaded-pack.ts';
import type { ActionMention } from './mention.ts';
import type { PolicyPlaces } from './policy-file.ts';
import { didYouMean, type Place } from './problems.ts';
import { mappingOf } from './shape.ts';

/** Everything that packs may refer to, by `pack.name`. */
export interface Known {
  /** References of the packs that are here. */
  readonly packs: ReadonlySet<string>;
  readonly actions: ReadonlyMap<string, Action>;
  readonly triggerTypes: ReadonlyMap<string, TriggerType>;
  readonly runners?: ReadonlyMap<string, KnownRunner>;
  readonly provider?: Pick<ActionProvider, 'mayProvide'>;
}

export interface ReferenceCheck {
  readonly problems: readonly Problem[];
  /** Rules that cannot be registered: their trigger does not exist, or its parameters are not what it takes. */
  readonly refusedRules: ReadonlySet<string>;
}

/**
 * Checks what a pack refers to in itself and in others. As StackStorm, a rule on an unknown trigger type is refused, while an
 * unknown action is only warned of: its pack may come later. `byApi`: the content was made by the API, where whoever makes a rule
 * hears at once that it cannot be registered.
 */
export function checkReferences(
  pack: LoadedPack,
  known: Known,
  { byApi = false }: { readonly byApi?: boolean } = {},
): ReferenceCheck {
  const problems: Problem[] = [];
  const refusedRules = new Set<string>();
  const report = (severity: Problem['severity'], file: string, place: Place, message: string) => {
    problems.push({ severity, pack: pack.content.manifest.ref, file, ...place, message });
  };
  const warn = (mention: ActionMention, place: Place, message: string) =>
    report('warning', mention.file, place, message);
  for (const rule of pack.content.rules) {
    const places = pack.rulePlaces.get(rule.ref);
    if (places === undefined) continue;
    checkTrigger(rule, places, known, (place, message, severity = 'error') => {
      report(byApi ? 'error' : severity, places.file, place, message);
      refusedRules.add(rule.ref);
    });
    checkAction(places.action, known, (place, message) => warn(places.action, place, message));
  }
  for (const mention of pack.mentions) checkAction(mention, known, (place, message) => warn(mention, place, message));
  for (const policy of pack.content.policies) {
    const places = pack.policyPlaces.get(policy.ref);
    if (places === undefined) continue;
    checkPolicy(policy, places, known, (place, message) => report('warning', places.file, place, message));
  }
  return { problems, refusedRules };
}

type Complain = (place: Place, message: string, severity?: Problem['severity']) => void;

function checkTrigger(rule: Rule, places: RulePlaces, known: Known, refuse: Complain): void {
  const type = known.triggerTypes.get(rule.trigger.type);
  if (type === undefined) {
    const [pack] = rule.trigger.type.split('.', 1);
    if (pack !== undefined && pack !== '' && !known.packs.has(pack)) {
      const message = `The trigger type "${rule.trigger.type}" is of the pack "${pack}", which is not here; the rule is left out until it is.`;
      refuse(places.triggerType, message, 'warning');
      return;
    }
    const hint = didYouMean(rule.trigger.type, known.triggerTypes.keys());
    if (hint === '' && pack === rule.pack) {
      // Some packs' monitoring handlers make the type of their own pack by the API, when their first event comes.
      const message = `The trigger type "${rule.trigger.type}" does not exist; the rule is left out until somebody makes it.`;
      refuse(places.triggerType, message, 'warning');
      return;
    }
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

function checkAction(mention: ActionMention, known: Known, warn: Complain): void {
  const { by, ref } = mention;
  if (ref.includes('{{') || ref.includes('{%')) return;
  const action = known.actions.get(ref);
  // Who provides it is asked when it is wanted, not when a file is read.
  if (action === undefined && known.provider?.mayProvide(ref) === true) return;
  if (action === undefined) {
    const hint = didYouMean(ref, known.actions.keys());
    warn(mention.place, `The action "${ref}" does not exist, so ${by} will fail.${hint}`);
    return;
  }
  const runner = known.runners?.get(action.runnerType);
  // Without the runner's parameters it cannot be told which names are unknown.
  if (runner === undefined) return;
  const schemas = { ...runner.parameters, ...action.parameters };
  for (const [name, place] of mention.parameters) {
    const merged = { ...runner.parameters[name], ...action.parameters[name] };
    if (!Object.hasOwn(schemas, name)) {
      const hint = didYouMean(name, Object.keys(schemas));
      warn(place, `The action "${ref}" has no parameter "${name}", so it will refuse this request.${hint}`);
    } else if (merged.immutable === true) {
      warn(place, `The parameter "${name}" of the action "${ref}" is immutable, so it will refuse this request.`);
    }
  }
  if (mention.open === true) return;
  for (const [name, schema] of Object.entries(schemas)) {
    const merged = { ...runner.parameters[name], ...schema };
    if (merged.required === true && (merged.default ?? null) === null && !mention.parameters.has(name)) {
      warn(mention.place, `The action "${ref}" needs the parameter "${name}", which ${by} does not give.`);
    }
  }
}

function checkPolicy(policy: Policy, places: PolicyPlaces, known: Known, warn: Complain): void {
  const { resourceRef, parameters } = policy;
  const action = known.actions.get(resourceRef);
  if (action === undefined) {
    const hint = didYouMean(resourceRef, known.actions.keys());
    warn(places.resourceRef, `The action "${resourceRef}" does not exist, so this policy has no effect.${hint}`);
    return;
  }
  const runner = known.runners?.get(action.runnerType);
  if (runner === undefined || !('attributes' in parameters)) return;
  const names = [...Object.keys(runner.parameters), ...Object.keys(action.parameters)];
  for (const [index, name] of (parameters.attributes ?? []).entries()) {
    const place = places.attributes[index];
    if (names.includes(name) || place === undefined) continue;
    const message = `The action "${resourceRef}" has no parameter "${name}", so it is not compared.${didYouMean(name, names)}`;
    warn(place, message);
  }
}
