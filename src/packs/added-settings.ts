import type { JsonObject, PackContent, Problem } from '../model/index.ts';
import { type AddedContent, originOf } from './added.ts';
import { readConfig } from './config.ts';
import { parseSource } from './source.ts';

export interface Switches {
  /** The item, on or off as it was switched last. */
  applied<T extends { readonly ref: string; readonly enabled: boolean }>(kind: string, item: T): T;
  readonly disabledRunners: ReadonlySet<string>;
}

/** What was switched on or off through the API although a pack's file (or Petrel itself) defines it: `{enabled}` of `kind:ref`. */
export function switchesOf(contents: readonly AddedContent[]): Switches {
  const states = new Map<string, boolean>();
  for (const { kind, ref, body } of contents) if (kind === 'enabled') states.set(ref, body.enabled === true);
  const runners = [...states].filter(([name, enabled]) => name.startsWith('runner_type:') && !enabled);
  return {
    applied(kind, item) {
      const enabled = states.get(`${kind}:${item.ref}`);
      return enabled === undefined || enabled === item.enabled ? item : { ...item, enabled };
    },
    disabledRunners: new Set(runners.map(([name]) => name.slice('runner_type:'.length))),
  };
}

/** A pack's configuration: what was put through the API, else what its file says. One that does not fit its schema has no effect. */
export function storedConfig(
  pack: PackContent,
  contents: readonly AddedContent[],
  problems: Problem[],
): PackContent['config'] {
  const stored = contents.find(({ kind, ref }) => kind === 'config' && ref === pack.manifest.ref);
  if (stored === undefined) return pack.config;
  const origin = { file: originOf('config', stored.ref), pack: stored.ref };
  const source = parseSource(JSON.stringify(stored.body), origin);
  const values: JsonObject | undefined = readConfig(source, pack.configSchema);
  problems.push(...source.problems);
  return values ?? pack.config;
}
