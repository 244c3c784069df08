import { isUtf8 } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { messageOf, type Problem } from '../model/index.ts';
import { type Place, START } from './problems.ts';
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

/**
 * Reads and parses a file; whatever is wrong with it is in the source's problems. With `packDirectory`, a link that leads out of the pack
 * is refused: what it shows is nobody's content.
 */
export function readSource(
  file: string,
  pack: string,
  packDirectory?: string,
  options: { readonly uniqueKeys?: boolean } = {},
): Source {
  const outside = packDirectory === undefined ? undefined : leadsOut(packDirectory, file);
  const text =
    outside === undefined
      ? readText(file)
      : { problem: `This is a link to ${outside}, which is outside of the pack; put the file here.`, place: START };
  if (typeof text === 'string') return parseSource(text, { file, pack }, options);
  const empty = parseSource('', { file, pack });
  const problem: Problem = { severity: 'error', pack, file, ...text.place, message: text.problem };
  return { ...empty, value: undefined, problems: [problem] };
}

interface Unreadable {
  readonly problem: string;
  readonly place: Place;
}

function readText(file: string): string | Unreadable {
  const at = (problem: string, place = START): Unreadable => ({ problem, place });
  try {
    const { size } = statSync(file);
    if (size > LARGEST) return at(`The file has ${size} bytes; metadata may have ${LARGEST} at most.`);
    const bytes = readFileSync(file);
    if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes);
    const isWide = bytes.length > 1 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0));
    if (isWide) return at('The file is UTF-16 text; save it as UTF-8.');
    const { place, byte } = firstWrongByte(bytes);
    return at(`The file is not UTF-8 text: the byte 0x${byte.toString(16)} stands here. Save it as UTF-8.`, place);
  } catch (error) {
    return at(`The file cannot be read: ${messageOf(error)}.`);
  }
}

/** Where text stops being UTF-8. */
function firstWrongByte(bytes: Buffer): { readonly place: Place; readonly byte: number } {
  let from = 0;
  let to = bytes.length;
  // The longest beginning that decodes; one that ends within a character is cut short, not wrong.
  const decodes = (length: number) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    if (decodes(middle)) from = middle;
    else to = middle - 1;
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, from), { stream: true });
  const lines = text.split('\n');
  const byte = bytes[Buffer.byteLength(text)] ?? 0;
  return { place: { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }, byte };
}

/** Where a path really leads, when that is not in the pack: through `..`, an absolute path or a link. Undefined when it is, or leads nowhere. */
export function leadsOut(packDirectory: string, path: string): string | undefined {
  try {
    const root = realpathSync(packDirectory);
    const real = existsSync(path) ? realpathSync(path) : resolve(path);
    const base = existsSync(path) ? root : resolve(packDirectory);
    return real === base || real.startsWith(base + sep) ? undefined : real;
  } catch {
    return undefined;
  }
}
