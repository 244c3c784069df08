import { type Type, textOf } from './types.ts';

/** Whether a type is one object's own braces: what an interface can be. */
export function isObject(type: Type): boolean {
  const [only = ''] = type;
  return type.length === 1 && only.startsWith('{\n') && only.indexOf('\n}') === only.length - 2;
}

/** An exported type, printed without indentation. An interface where it can be one: messages of the compiler call it by its name. */
export function printDeclaration(name: string, type: Type, comment: string): string {
  if (isObject(type)) return `${comment}export interface ${name} ${type[0]}\n`;
  return `${comment}export type ${name} = ${textOf(type, '')};\n`.replace('= \n', '=\n');
}
