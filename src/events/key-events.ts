import type { KeyChange, OnKeyChange } from '../datastore/index.ts';
import type { JsonObject, StoredKey, TriggerEvent } from '../model/index.ts';
import type { Events } from './events.ts';

const TRIGGERS = {
  create: 'core.st2.key_value_pair.create',
  update: 'core.st2.key_value_pair.update',
  valueChange: 'core.st2.key_value_pair.value_change',
  delete: 'core.st2.key_value_pair.delete',
};

/** StackStorm's events of the datastore, written with the change itself. Nothing is written where no rule listens. */
export function createKeyEvents(events: Pick<Events, 'plan' | 'isBound'>): OnKeyChange {
  return async (change) => {
    const wanted = eventsOf(change).filter(({ trigger }) => events.isBound(trigger));
    return wanted.length === 0 ? undefined : await events.plan(wanted);
  };
}

function eventsOf({ before, after, isNewValue }: KeyChange): readonly TriggerEvent[] {
  const make = (trigger: string, payload: JsonObject): TriggerEvent => ({ trigger, parameters: {}, payload });
  if (after === undefined) return before === undefined ? [] : [make(TRIGGERS.delete, { object: stored(before) })];
  if (before === undefined) return [make(TRIGGERS.create, { object: stored(after) })];
  const update = make(TRIGGERS.update, { object: stored(after) });
  if (!isNewValue) return [update];
  return [update, make(TRIGGERS.valueChange, { old_object: stored(before), new_object: stored(after) })];
}

/** As StackStorm stores it: of a secret the ciphertext, which `decrypt_kv` opens. */
function stored({ scope, user, name, value, secret, description, expiresAt }: StoredKey): JsonObject {
  const full = scope === 'user' ? `${user}:${name}` : name;
  return {
    uid: `key_value_pair:st2kv.${scope}:${full}`,
    scope: `st2kv.${scope}`,
    name: full,
    value,
    secret,
    ...(description !== undefined && { description }),
    ...(expiresAt !== undefined && { expire_timestamp: new Date(expiresAt).toISOString().replace('Z', '000Z') }),
  };
}
