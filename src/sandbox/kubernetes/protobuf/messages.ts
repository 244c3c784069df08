/** The messages that clients send, from the types of Kubernetes itself: what the numbers of their fields mean. */
import { typeRow } from '../kinds/schemas/types.ts';

export interface MessageField {
  /** Empty for a message whose fields lie in the outer one in JSON. */
  readonly name: string;
  readonly type: string;
  readonly form: 'one' | 'list' | 'map';
  /** Whether a zero is kept, which otherwise is the same as absent. */
  readonly keepsZero: boolean;
}

export type Message = ReadonlyMap<number, MessageField>;

const made = new Map<string, Message>();

/** A message such as `core.v1.Pod`; undefined for one that is not known. */
export function messageOf(name: string): Message | undefined {
  const known = made.get(name);
  const row = known === undefined ? typeRow(name) : undefined;
  if (row === undefined) return known;
  const message = new Map(
    row.fields.map(({ name: field, number, type, rules }) => {
      const form = type.startsWith('[]') ? 'list' : type.startsWith('{}') ? 'map' : 'one';
      const bare = form === 'one' ? type : type.slice(2);
      return [number, { name: field, type: bare, form, keepsZero: rules.p === 1 }] as const;
    }),
  );
  made.set(name, message);
  return message;
}
