import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../model/index.ts';
import type { RegistrySnapshot } from '../packs/index.ts';

/** A trigger type with its parameters bound, as StackStorm shows it to sensors and in its API (stackstorm-packs.md, section 8). */
export interface Trigger {
  readonly id: string;
  readonly ref: string;
  readonly uid: string;
  readonly name: string;
  readonly pack: string;
  /** The trigger type's reference. */
  readonly type: string;
  readonly parameters: JsonObject;
  readonly description: string;
}

/**
 * Every trigger there is: one for each trigger type that takes no parameters, and one for each set of parameters that an enabled rule
 * binds. StackStorm names those at random; here the name follows from type and parameters, so that it stays over restarts.
 */
export function triggersOf({ triggerTypes, rules }: RegistrySnapshot): readonly Trigger[] {
  const found = new Map<string, Trigger>();
  for (const { ref, pack, name, description, parametersSchema } of triggerTypes.values()) {
    if (parametersSchema.properties !== undefined) continue;
    found.set(`${ref}|{}`, makeTrigger({ type: ref, pack, name, parameters: {}, description: description ?? '' }));
  }
  for (const { enabled, trigger } of rules.values()) {
    const type = triggerTypes.get(trigger.type);
    const key = `${trigger.type}|${canonicalJson(trigger.parameters)}`;
    if (!enabled || type === undefined || found.has(key)) continue;
    const { pack, description = '' } = type;
    const { parameters } = trigger;
    found.set(key, makeTrigger({ type: trigger.type, pack, name: nameOf(key), parameters, description }));
  }
  return [...found.values()];
}

function makeTrigger(parts: Pick<Trigger, 'type' | 'pack' | 'name' | 'parameters' | 'description'>): Trigger {
  const { type, pack, name, parameters, description } = parts;
  const uid = `trigger:${pack}:${name}:${hash(canonicalJson(parameters))}`;
  return { id: hash(uid).slice(0, 24), ref: `${pack}.${name}`, uid, name, pack, type, parameters, description };
}

/** In the form of a UUID, as StackStorm's. */
function nameOf(key: string): string {
  return hash(key).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}

/** MD5, as StackStorm's uid; nothing secret rests on it. */
function hash(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
