import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedPack, RefusedPack } from './loaded-pack.ts';

/**
 * A pack after a change: what was read now, and for each file that is there but wrong what it gave when it was last right. Its
 * problems are kept, so that nobody takes the old state for the new one. `previous` is what the same folder held before.
 */
export function keepLastGood(
  previous: LoadedPack | RefusedPack | undefined,
  next: LoadedPack | RefusedPack,
): LoadedPack | RefusedPack {
  if (previous?.kind !== 'loaded') return next;
  const { path } = previous.content.manifest;
  if (next.kind === 'refused') {
    // A pack.yaml that is gone means that the pack is gone; one that is wrong is a mistake of the moment.
    if (!existsSync(join(path, 'pack.yaml'))) return next;
    return { ...previous, content: { ...previous.content, problems: next.problems } };
  }
  if (previous.content.manifest.ref !== next.content.manifest.ref) return next;
  const keep = <T extends { readonly ref: string; readonly metadataFile?: string }>(
    before: readonly T[],
    now: readonly T[],
  ): readonly T[] => {
    const taken = new Set(now.map((resource) => resource.ref));
    const kept = before.filter(
      ({ ref, metadataFile }) => metadataFile !== undefined && next.refusedFiles.has(metadataFile) && !taken.has(ref),
    );
    return kept.length === 0 ? now : [...now, ...kept];
  };
  const configIsWrong = [...next.refusedFiles].some((file) => file.startsWith('/'));
  return {
    ...next,
    rulePlaces: new Map([...previous.rulePlaces, ...next.rulePlaces]),
    policyPlaces: new Map([...previous.policyPlaces, ...next.policyPlaces]),
    content: {
      ...next.content,
      actions: keep(previous.content.actions, next.content.actions),
      triggerTypes: keep(previous.content.triggerTypes, next.content.triggerTypes),
      sensors: keep(previous.content.sensors, next.content.sensors),
      resources: keep(previous.content.resources, next.content.resources),
      rules: keep(previous.content.rules, next.content.rules),
      policies: keep(previous.content.policies, next.content.policies),
      aliases: keep(previous.content.aliases, next.content.aliases),
      ...(configIsWrong ? { configSchema: previous.content.configSchema, config: previous.content.config } : {}),
    },
  };
}
