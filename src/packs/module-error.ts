import { messageOf, PetrelError } from '../model/index.ts';
import { type Place, START } from './problems.ts';

/** Why a pack's module could not be used, and where. The message begins with `file:line:column`; `why` is the rest of it. */
export class ModuleError extends PetrelError {
  readonly file: string;
  readonly place: Place;
  readonly why: string;

  constructor(file: string, place: Place, why: string, cause?: unknown) {
    super('invalid', `${file}:${place.line}:${place.column}: ${why}`, { cause });
    this.name = 'ModuleError';
    this.file = file;
    this.place = place;
    this.why = why;
  }
}

/** Finds out of an error that was thrown while `file` was loaded which file below `root`, the pack's folder, it is about. */
export function moduleError(file: string, root: string, error: unknown): ModuleError {
  const text = messageOf(error);
  // A syntax error names its place at the end: "ParseError: Unexpected token  \n /path/of/file.ts:3:5".
  const parse = /^ParseError: ([\s\S]*?)\s+(\/[^\n]*?):(\d+):(\d+)\s*$/.exec(text);
  if (parse !== null) {
    const [, what = '', where = file, line, column] = parse;
    // The parser counts columns from 0.
    const place = { line: Number(line), column: Number(column) + 1 };
    return new ModuleError(where, place, `The file is not valid TypeScript: ${firstSentence(what)}`, error);
  }
  const why = `The file failed while it was loaded: ${firstSentence(text)}`;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, where = '', line, column] of stack.matchAll(/\(?(?:file:\/\/)?(\/[^\s()]+):(\d+):(\d+)\)?$/gm)) {
    if (where.startsWith(`${root}/`)) {
      return new ModuleError(where, { line: Number(line), column: Number(column) }, why, error);
    }
  }
  return new ModuleError(file, START, why, error);
}

function firstSentence(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
