import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where StackStorm keeps packs. Metadata of many packs names it, as `/opt/stackstorm/packs/{{ action_context.pack }}`. */
const PACKS = /^\/opt\/stackstorm\/packs\/([^/]+)(\/.*)?$/;

/** The same place in the pack's folder here, unless the path as it is written is there. */
export function pathHere(path: string, packFolder?: (pack: string) => string | undefined): string {
  const [, pack, rest = ''] = PACKS.exec(path) ?? [];
  const folder = pack === undefined ? undefined : packFolder?.(pack);
  return folder === undefined || existsSync(path) ? path : join(folder, rest);
}
