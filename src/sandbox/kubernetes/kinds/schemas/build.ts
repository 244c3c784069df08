/** A short hand for the schemas that are not in kubernetes.json. */
import type { Schema } from '../../schema/schema.ts';

export const text = (description = ''): Schema => described({ type: 'string' }, description);
export const flag = (description = ''): Schema => described({ type: 'boolean' }, description);
export const time = (description = ''): Schema => described({ type: 'string', format: 'date-time' }, description);
/** Anything goes: what the sandbox stores without looking into it. */
export const anything = (description = ''): Schema =>
  described({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, description);

export function record(properties: { [name: string]: Schema }, description = '', required: string[] = []): Schema {
  return described(
    {
      type: 'object',
      properties,
      ...(required.length === 0 ? {} : { required }),
      'x-kubernetes-preserve-unknown-fields': true,
    },
    description,
  );
}

/** A list that every writer replaces whole. */
export const listOf = (items: Schema, description = ''): Schema =>
  described({ type: 'array', items, 'x-kubernetes-list-type': 'atomic' }, description);

/** A list of maps told apart by `keys`; strategic merge knows one key only, the first. */
export const listBy = (keys: readonly [string, ...string[]], items: Schema, description = ''): Schema =>
  described(
    {
      type: 'array',
      items,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': [...keys],
      'x-kubernetes-patch-merge-key': keys[0],
      'x-kubernetes-patch-strategy': 'merge',
    },
    description,
  );

function described(schema: Schema, description: string): Schema {
  return description === '' ? schema : { description, ...schema };
}
