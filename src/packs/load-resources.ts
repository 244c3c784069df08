import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type JsonObject, messageOf, type Problem, type Resource } from '../model/index.ts';
import type { ResourceDefinition } from '../sdk/index.ts';
import { readDeclaredResource } from './declared-resource.ts';
import { type ActionMention, mentionOf } from './mention.ts';
import { ModuleError } from './module-error.ts';
import type { ModuleLoader } from './modules.ts';
import { filesIn, METADATA, readSource } from './pack-files.ts';
import { START } from './problems.ts';
import { parseSource, type Source } from './source.ts';
import { schemaOfSpec } from './zod-schema.ts';

export interface LoadedResources {
  readonly resources: readonly Resource[];
  readonly mentions: readonly ActionMention[];
  readonly problems: readonly Problem[];
  /** Files, relative to the pack's folder, that gave no resource. */
  readonly refusedFiles: readonly string[];
}

/** Reads all of a pack's `resources/`: metadata files, and modules with `defineResource`. */
export async function loadResources(reading: {
  readonly pack: string;
  readonly directory: string;
  readonly modules: ModuleLoader;
}): Promise<LoadedResources> {
  const { pack, directory } = reading;
  const folder = join(directory, 'resources');
  const resources: Resource[] = [];
  const mentions: ActionMention[] = [];
  const problems: Problem[] = [];
  const refusedFiles: string[] = [];
  const take = (source: Source, file: string) => {
    const resource = source.value === undefined ? undefined : readDeclaredResource(source, relative(directory, file));
    problems.push(...source.problems.map((problem) => ({ ...problem, file })));
    if (resource === undefined) refusedFiles.push(relative(directory, file));
    else {
      resources.push(resource);
      mentions.push(...mentionsOf(source, resource).map((mention) => ({ ...mention, file })));
    }
  };
  for (const file of filesIn(folder, METADATA)) take(readSource(file, pack, directory), file);
  for (const file of filesIn(folder, ['.ts', '.mts', '.js', '.mjs'])) {
    if (!definesResource(file)) continue;
    try {
      const definition = await reading.modules.readResource(file);
      // Its JSON goes through the same reader; only positions are not known.
      take(atStart(parseSource(JSON.stringify(plain(definition, file)), { file: `${file}.json`, pack })), file);
    } catch (error) {
      problems.push(problemOf(pack, file, error));
      refusedFiles.push(relative(directory, file));
    }
  }
  return { resources, mentions, problems, refusedFiles };
}

function mentionsOf(source: Source, resource: Resource): readonly ActionMention[] {
  return (['create', 'update', 'delete', 'observe', 'list'] as const).flatMap((name) => {
    const handler = resource[name];
    if (handler === undefined) return [];
    const parameters = handler.input;
    const by = `the handler "${name}" of this resource`;
    return [
      mentionOf(source, by, {
        ref: handler.action,
        path: [name, 'action'],
        parameters,
        parametersPath: [name, 'input'],
      }),
    ];
  });
}

/** The definition as a metadata file would say it. */
function plain({ definition: _, ...rest }: ResourceDefinition, file: string): JsonObject {
  const versions = rest.versions.map(({ spec, ...version }) => {
    try {
      return { ...version, schema: schemaOfSpec(spec) };
    } catch (error) {
      const why = `The version "${version.name}" has a type that JSON cannot say: ${messageOf(error)}.`;
      throw new ModuleError(file, START, why, error);
    }
  });
  return { ...rest, versions } as unknown as JsonObject; // templates and words: JSON, checked by the reader
}

/** A source whose every part stands at the beginning of the file. */
function atStart(source: Source): Source {
  return {
    ...source,
    get problems() {
      return source.problems.map((problem) => ({ ...problem, ...START }));
    },
    place: () => START,
  };
}

function definesResource(file: string): boolean {
  if (/\.(?:d|test|spec)\.[mc]?[jt]s$/.test(file)) return false;
  return /\bdefineResource\b/.test(readFileSync(file, 'utf8'));
}

function problemOf(pack: string, file: string, error: unknown): Problem {
  if (error instanceof ModuleError) {
    return { severity: 'error', pack, file: error.file, ...error.place, message: error.why };
  }
  return { severity: 'error', pack, file, ...START, message: `The file cannot be loaded: ${messageOf(error)}.` };
}
