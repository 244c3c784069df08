import { createHash } from 'node:crypto';
import { canonicalJson, idOf, type JsonObject } from '../model/index.ts';
import type { RegistrySnapshot } from '../packs/index.ts';

/** A trigger type with its parameters bound, as StackStorm shows it to sensors and in its API (stackstorm-packs.md, section 8). */
export interface Trigger extends JsonObject {
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
 * binds.
 */
export function triggersOf({ triggerTypes, rules }: RegistrySnapshot): readonly Trigger[] {
  const found = new Map<string, Trigger>();
  const add = (type: string, parameters: JsonObject, description = '') => {
    const trigger = triggerOf({ type, parameters, description });
    if (!found.has(trigger.uid)) found.set(trigger.uid, trigger);
  };
  for (const { ref, description, parametersSchema } of triggerTypes.values()) {
    if (parametersSchema.properties === undefined) add(ref, {}, description);
  }
  for (const { enabled, trigger } of rules.values()) {
    const type = triggerTypes.get(trigger.type);
    if (enabled && type !== undefined) add(trigger.type, trigger.parameters, type.description);
  }
  return [...found.values()];
}

/**
 * A trigger type with its parameters. One without parameters is called as its type; StackStorm gives others a random name, here it is made
 * of the parameters, so that every node says the same, also after a restart.
 */
export function triggerOf(bound: {
  readonly type: string;
  readonly parameters: JsonObject;
  readonly description?: string;
}): Trigger {
  const { type, parameters, description = '' } = bound;
  const [pack = '', ...rest] = type.split('.');
  const typeName = rest.join('.');
  const text = canonicalJson(parameters);
  const name = Object.keys(parameters).length === 0 ? typeName : nameOf(`${type}|${text}`);
  const uid = `trigger:${pack}:${name}:${hash(text)}`;
  return { id: idOf(uid), ref: `${pack}.${name}`, uid, name, pack, type, parameters, description };
}

/** In the form of a UUID, as StackStorm's. */
function nameOf(key: string): string {
  return hash(key).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}

/** MD5, as StackStorm's uid; nothing secret rests on it. */
function hash(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
