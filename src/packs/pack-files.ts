import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, type Problem } from '../model/index.ts';
import { START } from './problems.ts';
import { parseSource, type Source } from './source.ts';

/** Metadata is written by hand; a file beyond this size is something else. */
const LARGEST = 4 * 1024 * 1024;

/**
 * The files directly in a folder whose names end as one of the extensions, sorted. A folder that is not there has none; one that cannot
 * be read throws.
 */
export function filesIn(directory: string, extensions: readonly string[]): readonly string[] {
  return namesIn(directory)
    .filter((name) => !name.startsWith('.') && extensions.some((extension) => name.endsWith(extension)))
    .map((name) => join(directory, name))
    .filter((file) => statOf(file)?.isFile() === true)
    .sort();
}

/** The names in a folder; none when it is not there or is no folder. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}

/** What a path leads to; undefined when it leads nowhere, as a broken or endless link does. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Whether a folder looks like a pack from outside. */
export function isPackFolder(directory: string): boolean {
  return statOf(join(directory, 'pack.yaml'))?.isFile() === true;
}

export const METADATA = ['.yaml', '.yml', '.json'];

/** Reads and parses a file; whatever is wrong with it is in the source's problems. */
export function readSource(file: string, pack: string): Source {
  const text = readText(file);
  if (typeof text === 'string') return parseSource(text, { file, pack });
  const empty = parseSource('', { file, pack });
  const problem: Problem = { severity: 'error', pack, file, ...START, message: text.problem };
  return { ...empty, value: undefined, problems: [problem] };
}

function readText(file: string): string | { readonly problem: string } {
  try {
    const { size } = statSync(file);
    if (size > LARGEST) return { problem: `The file has ${size} bytes; metadata may have ${LARGEST} at most.` };
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) return { problem: 'The file is not UTF-8 text.' };
    return { problem: `The file cannot be read: ${messageOf(error)}.` };
  }
}
