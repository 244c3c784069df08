import type {
  Action,
  ActionAlias,
  ActionProvider,
  PackContent,
  Policy,
  Problem,
  Resource,
  Rule,
  Sensor,
  TriggerType,
} from '../model/index.ts';
import type { KnownRunner } from './action-file.ts';
import { type AddedContent, type AddedKind, originOf, readAdded } from './added.ts';
import { storedConfig, switchesOf } from './added-settings.ts';
import type { LoadedPack, RefusedPack } from './loaded-pack.ts';
import { applyOverrides, NO_OVERRIDES, type Overrides } from './overrides.ts';
import { START } from './problems.ts';
import { checkReferences } from './references.ts';
import type { RegistrySnapshot } from './registry.ts';

/**
 * Puts packs together into what is registered. `packs` are in the order of the pack directories: of two packs with one name the
 * first counts. Pure.
 */
export function buildSnapshot(
  version: number,
  packs: readonly (LoadedPack | RefusedPack)[],
  given: {
    readonly builtinTriggerTypes: readonly TriggerType[];
    readonly runners?: ReadonlyMap<string, KnownRunner>;
    readonly provider?: Pick<ActionProvider, 'mayProvide'>;
    /** What an operator has switched on and off. */
    readonly overrides?: Overrides;
    /** Complaints that belong to no pack, e.g. a pack directory that is not there. */
    readonly problems?: readonly Problem[];
    /** Content that was made through the API. A pack's file of the same name wins. */
    readonly added?: readonly AddedContent[];
    readonly filesDirectory?: string;
    readonly checkAliasFormat?: (format: string) => void;
  },
): RegistrySnapshot {
  const overrides = given.overrides ?? NO_OVERRIDES;
  const problems: Problem[] = [...(given.problems ?? []), ...overrides.problems];
  const chosen = new Map<string, LoadedPack>();
  for (const read of packs) {
    if (read.kind === 'refused') {
      problems.push(...read.problems);
      continue;
    }
    const pack: LoadedPack = { ...read, content: applyOverrides(read.content, overrides) };
    const { manifest } = pack.content;
    const first = chosen.get(manifest.ref);
    if (first === undefined) {
      chosen.set(manifest.ref, pack);
      continue;
    }
    if (pack.isBase === true) {
      chosen.set(manifest.ref, layered(first, pack));
      continue;
    }
    const message = `There is a pack "${manifest.ref}" already, in ${first.content.manifest.path}; this one is left out.`;
    problems.push({ severity: 'warning', pack: manifest.ref, file: `${manifest.path}/pack.yaml`, ...START, message });
  }

  const contentAdded = given.added ?? [];
  const switches = switchesOf(contentAdded);
  const actions = new Map<string, Action>();
  const triggerTypes = new Map<string, TriggerType>(given.builtinTriggerTypes.map((type) => [type.ref, type]));
  const sensors = new Map<string, Sensor>();
  for (const { content } of chosen.values()) {
    for (const action of content.actions) actions.set(action.ref, switches.applied('action', action));
    for (const type of content.triggerTypes) triggerTypes.set(type.ref, type);
    for (const sensor of content.sensors) sensors.set(sensor.ref, sensor);
  }
  const added = new Set<string>();
  /** Puts what was added behind what files say; a file of the same name wins. */
  const addTo = <T extends { readonly ref: string }>(known: Map<string, T>, kind: AddedKind, items: readonly T[]) => {
    for (const item of items) {
      const file = originOf(kind, item.ref);
      const message = `A pack's file defines the ${kind.replace('_', ' ')} "${item.ref}", too; the file counts.`;
      const problem: Problem = { severity: 'warning', pack: item.ref.split('.', 1)[0] ?? '', file, ...START, message };
      if (known.has(item.ref)) problems.push(problem);
      else {
        known.set(item.ref, item);
        added.add(`${kind}:${item.ref}`);
      }
    }
  };
  const addedPacks = readAdded(contentAdded, {
    folderOf: (pack) => chosen.get(pack)?.content.manifest.path,
    ...(given.runners && { runners: given.runners }),
    ...(given.filesDirectory !== undefined && { filesDirectory: given.filesDirectory }),
    ...(given.checkAliasFormat && { checkAliasFormat: given.checkAliasFormat }),
  });
  for (const { content } of addedPacks) {
    addTo(actions, 'action', content.actions);
    addTo(triggerTypes, 'trigger_type', content.triggerTypes);
  }

  const resources = resourcesOf([...chosen.values()], problems);
  const contents = new Map<string, PackContent>();
  const rules = new Map<string, Rule>();
  const policies = new Map<string, Policy>();
  const aliases = new Map<string, ActionAlias>();
  const known = {
    packs: new Set([...chosen.keys(), 'core']), // core brings the trigger types of Petrel itself
    actions,
    triggerTypes,
    ...(given.runners === undefined ? {} : { runners: given.runners }),
    ...(given.provider === undefined ? {} : { provider: given.provider }),
  };
  for (const [ref, pack] of chosen) {
    const check = checkReferences(pack, known);
    const content: PackContent = {
      ...pack.content,
      config: storedConfig(pack.content, contentAdded, problems),
      rules: pack.content.rules.filter((rule) => !check.refusedRules.has(rule.ref)),
      problems: [...pack.content.problems, ...check.problems],
    };
    contents.set(ref, content);
    problems.push(...content.problems);
    for (const rule of content.rules) rules.set(rule.ref, switches.applied('rule', rule));
    for (const policy of content.policies) policies.set(policy.ref, switches.applied('policy', policy));
    for (const alias of content.aliases) aliases.set(alias.ref, switches.applied('action_alias', alias));
  }
  for (const pack of addedPacks) {
    const check = checkReferences(pack, known, { byApi: true });
    problems.push(...pack.content.problems, ...check.problems);
    const usable = pack.content.rules.filter(({ ref }) => !check.refusedRules.has(ref));
    addTo(rules, 'rule', usable);
    addTo(policies, 'policy', pack.content.policies);
    addTo(aliases, 'action_alias', pack.content.aliases);
  }
  const policiesOf = byAction([...policies.values()].filter(({ enabled }) => enabled));
  const registered = { actions, triggerTypes, rules, sensors, resources, policies, policiesOf, aliases };
  const made = { added, disabledRunners: switches.disabledRunners };
  return { version, packs: contents, ...registered, ...made, problems };
}

/**
 * A pack over the one of its name that Petrel brings. Packs of others are called `kubernetes` and `aws`, too, and must not take the actions away
 * that shipped packs ask for. Of two things of one name the upper counts.
 */
function layered(upper: LoadedPack, base: LoadedPack): LoadedPack {
  const over = <T extends { readonly ref: string }>(above: readonly T[], below: readonly T[]): readonly T[] => {
    const taken = new Set(above.map(({ ref }) => ref));
    return [...above, ...below.filter(({ ref }) => !taken.has(ref))];
  };
  const { manifest } = upper.content;
  const message = `This pack lies over the pack "${manifest.ref}" that comes with Petrel: what it does not define itself stays.`;
  const file = `${manifest.path}/pack.yaml`;
  const problem: Problem = { severity: 'warning', pack: manifest.ref, file, ...START, message };
  return {
    ...upper,
    rulePlaces: new Map([...base.rulePlaces, ...upper.rulePlaces]),
    policyPlaces: new Map([...base.policyPlaces, ...upper.policyPlaces]),
    mentions: [...upper.mentions, ...base.mentions],
    content: {
      ...upper.content,
      actions: over(upper.content.actions, base.content.actions),
      triggerTypes: over(upper.content.triggerTypes, base.content.triggerTypes),
      sensors: over(upper.content.sensors, base.content.sensors),
      rules: over(upper.content.rules, base.content.rules),
      resources: over(upper.content.resources, base.content.resources),
      policies: over(upper.content.policies, base.content.policies),
      aliases: over(upper.content.aliases, base.content.aliases),
      configSchema: { ...base.content.configSchema, ...upper.content.configSchema },
      config: { ...base.content.config, ...upper.content.config },
      problems: [...upper.content.problems, problem, ...twice(upper.content, base.content)],
    },
  };
}

/** Sensors that bring the events which Petrel itself brings for the pack below: each would come twice. */
function twice({ manifest, sensors }: PackContent, base: PackContent): readonly Problem[] {
  return sensors.flatMap(({ ref, triggerTypes, enabled, metadataFile }) => {
    const type = triggerTypes.find((one) => enabled && base.triggerTypes.some((own) => own.ref === one));
    if (type === undefined) return [];
    const message = `Petrel itself dispatches "${type}"; where this sensor works, too, its events come twice. Switch it off: \`petrel sensor disable ${ref}\`, or "enabled: false" here.`;
    const file = `${manifest.path}/${metadataFile}`;
    return [{ severity: 'warning', pack: manifest.ref, file, ...START, message } satisfies Problem];
  });
}

function byAction(policies: readonly Policy[]): ReadonlyMap<string, readonly Policy[]> {
  const grouped = new Map<string, readonly Policy[]>();
  for (const policy of policies) grouped.set(policy.resourceRef, [...(grouped.get(policy.resourceRef) ?? []), policy]);
  return grouped;
}

/** Of two packs that declare one kind the first counts: two reconcilers of one object would fight. */
function resourcesOf(packs: readonly LoadedPack[], problems: Problem[]): ReadonlyMap<string, Resource> {
  const byKind = new Map<string, Resource>();
  for (const { content } of packs) {
    for (const resource of content.resources) {
      const key = `${resource.group}/${resource.kind}`;
      const other = byKind.get(key);
      if (other === undefined) {
        byKind.set(key, resource);
        continue;
      }
      const message = `The kind ${resource.kind} of ${resource.group} is declared by ${other.ref} already; this one is left out.`;
      const file = `${content.manifest.path}/${resource.metadataFile}`;
      problems.push({ severity: 'error', pack: resource.pack, file, ...START, message });
    }
  }
  return new Map([...byKind.values()].map((resource) => [resource.ref, resource]));
}
