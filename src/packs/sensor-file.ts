import { isAbsolute, join } from 'node:path';
import type { Sensor, TriggerType } from '../model/index.ts';
import { leadsOut, statOf } from './pack-files.ts';
import { checkPack, OUTPUT_FIELDS } from './resource-file.ts';
import { checkMapping, type Fields, textOf } from './shape.ts';
import { hasErrors, type Source } from './source.ts';
import { readTriggerType } from './trigger-file.ts';

const FIELDS: Fields = {
  ...OUTPUT_FIELDS,
  class_name: { kind: 'text', required: true },
  entry_point: { kind: 'text', required: true },
  name: { kind: 'text' },
  pack: { kind: 'text' },
  description: { kind: 'text' },
  enabled: { kind: 'boolean' },
  poll_interval: { kind: 'number', minimum: 0 },
  trigger_types: { kind: 'list' },
  artifact_uri: { kind: 'text' },
};

/** Reads a sensor's metadata and the trigger types it brings (stackstorm-packs.md, section 7). */
export function readSensor(
  source: Source,
  metadataFile: string,
  packDirectory: string,
): { readonly sensor: Sensor; readonly triggerTypes: readonly TriggerType[] } | undefined {
  const fields = checkMapping(source, [], source.value, FIELDS, { what: 'a sensor', lenient: true });
  if (fields === undefined) return undefined;
  checkPack(source, fields);
  const declared = Array.isArray(fields.trigger_types) ? fields.trigger_types : [];
  const triggerTypes = declared.flatMap(
    (item, index) => readTriggerType(source, metadataFile, ['trigger_types', index], item) ?? [],
  );
  const className = textOf(fields, 'class_name');
  const entryPoint = textOf(fields, 'entry_point');
  const entryPath =
    entryPoint === undefined || isAbsolute(entryPoint)
      ? (entryPoint ?? '')
      : join(packDirectory, 'sensors', entryPoint);
  checkEntry(source, packDirectory, entryPoint ?? '', entryPath);
  if (className === undefined || entryPoint === undefined || hasErrors(source.problems)) return undefined;
  const description = textOf(fields, 'description');
  const interval = fields.poll_interval;
  const sensor: Sensor = {
    ref: `${source.pack}.${className}`,
    pack: source.pack,
    className,
    ...(description === undefined ? {} : { description }),
    enabled: fields.enabled !== false,
    entryPoint,
    entryPath,
    ...(typeof interval === 'number' ? { pollInterval: interval } : {}),
    triggerTypes: triggerTypes.map((type) => type.ref),
    metadataFile,
  };
  return { sensor, triggerTypes };
}

/** A file that is not there is warned of only: the trigger types that the sensor brings are good without it. */
function checkEntry(source: Source, packDirectory: string, entryPoint: string, entryPath: string): void {
  if (entryPath === '') return;
  const outside = leadsOut(packDirectory, entryPath);
  const message = `The entry point "${entryPoint}"`;
  if (outside !== undefined)
    source.error(['entry_point'], `${message} leads to ${outside}, which is outside of the pack.`);
  else if (statOf(entryPath)?.isFile() !== true) {
    source.warning(['entry_point'], `${message} is no file below sensors/, so the sensor cannot run.`);
  }
}
