import { readFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { type JsonObject, messageOf, type Problem, type Sensor, type TriggerType } from '../model/index.ts';
import type { SensorDefinition, SensorTriggerType, z } from '../sdk/index.ts';
import { ModuleError } from './module-error.ts';
import type { ModuleLoader } from './modules.ts';
import { filesIn } from './pack-files.ts';
import { START } from './problems.ts';
import { readSensor } from './sensor-file.ts';
import { parseSource } from './source.ts';
import { parameterSchemasOf } from './zod-schema.ts';

/** Seconds between two polls, as StackStorm. */
const POLL_INTERVAL = 5;

export interface LoadedSensors {
  readonly sensors: readonly { readonly sensor: Sensor; readonly triggerTypes: readonly TriggerType[] }[];
  readonly problems: readonly Problem[];
  /** Files, relative to the pack's folder, that gave no sensor. */
  readonly refusedFiles: readonly string[];
}

/** Reads the modules with `defineSensor` in a pack's `sensors/`. Each is turned into what a metadata file would say, and read as one. */
export async function loadSensorModules(reading: {
  readonly pack: string;
  readonly directory: string;
  readonly modules: ModuleLoader;
  /** Files that a metadata file describes already. */
  readonly described: ReadonlySet<string>;
}): Promise<LoadedSensors> {
  const { pack, directory } = reading;
  const sensors: LoadedSensors['sensors'][number][] = [];
  const problems: Problem[] = [];
  const refusedFiles: string[] = [];
  for (const file of filesIn(join(directory, 'sensors'), ['.ts', '.mts', '.js', '.mjs'])) {
    if (reading.described.has(file) || !definesSensor(file)) continue;
    const metadataFile = relative(directory, file);
    const before = sensors.length;
    try {
      const definition = await reading.modules.readSensor(file);
      const source = parseSource(JSON.stringify(plain(definition, file)), { file: `${file}.json`, pack });
      const read = readSensor(source, metadataFile, directory);
      // Positions are those of the text that was made.
      problems.push(...source.problems.map((problem) => ({ ...problem, ...START, file })));
      if (read !== undefined) sensors.push(read);
    } catch (error) {
      problems.push(problemOf(pack, file, error));
    }
    if (sensors.length === before) refusedFiles.push(metadataFile);
  }
  return { sensors, problems, refusedFiles };
}

function plain(definition: SensorDefinition, file: string): JsonObject {
  const { description, enabled, pollInterval, poll } = definition;
  return {
    class_name: definition.name ?? basename(file, extname(file)),
    entry_point: basename(file),
    ...(description !== undefined && { description }),
    ...(enabled !== undefined && { enabled }),
    ...(poll !== undefined && { poll_interval: pollInterval ?? POLL_INTERVAL }),
    trigger_types: definition.triggerTypes.map((type) => plainType(type, file)),
  };
}

function plainType({ name, description, payload, parameters }: SensorTriggerType, file: string): JsonObject {
  const schema = (what: string, object: z.ZodObject): JsonObject => {
    try {
      return { type: 'object', properties: parameterSchemasOf(object) };
    } catch (error) {
      const why = `The ${what} of the trigger type "${name}" has a type that JSON cannot say: ${messageOf(error)}.`;
      throw new ModuleError(file, START, why, error);
    }
  };
  return {
    name,
    ...(description !== undefined && { description }),
    ...(payload !== undefined && { payload_schema: schema('payload', payload) }),
    ...(parameters !== undefined && {
      parameters_schema: { ...schema('parameters', parameters), additionalProperties: false },
    }),
  };
}

/** Told from its text: what else lies there must not be run just to see what it exports. */
function definesSensor(file: string): boolean {
  if (/\.(?:d|test|spec)\.[mc]?[jt]s$/.test(file)) return false;
  return /\bdefineSensor\b/.test(readFileSync(file, 'utf8'));
}

function problemOf(pack: string, file: string, error: unknown): Problem {
  if (error instanceof ModuleError) {
    return { severity: 'error', pack, file: error.file, ...error.place, message: error.why };
  }
  return { severity: 'error', pack, file, ...START, message: `The file cannot be loaded: ${messageOf(error)}.` };
}
