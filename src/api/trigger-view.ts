import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../model/index.ts';
import { idOf } from './forms.ts';

/**
 * A concrete trigger: a type with its parameters. One without parameters is called as its type; StackStorm gives others a random name,
 * here it is made of the parameters, so that every node says the same.
 */
export function triggerOf({ type, parameters }: { readonly type: string; readonly parameters: JsonObject }) {
  const [pack = '', ...rest] = type.split('.');
  const typeName = rest.join('.');
  const digest = createHash('md5').update(canonicalJson(parameters)).digest('hex');
  const name = Object.keys(parameters).length === 0 ? typeName : nameOf(`${type} ${digest}`);
  const uid = `trigger:${pack}:${name}:${digest}`;
  return { id: idOf(uid), uid, ref: `${pack}.${name}`, pack, name, description: '', type, parameters };
}

/** In the form of a UUID, as StackStorm's. */
function nameOf(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
