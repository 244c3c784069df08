import { z } from 'zod';
import { type JsonObject, PetrelError } from '../../model/index.ts';
import type { PackSensors, SensorReport } from '../../sensors/index.ts';
import { attributesOf } from '../attributes.ts';
import { notFound } from '../errors.ts';
import { idOf, timestamp } from '../forms.ts';
import { sendArray } from '../listing.ts';
import { attributeQuery, contentQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { sensorType } from '../shapes/content.ts';

const TAG = 'Sensors';

/** /sensortypes: what StackStorm shows of a sensor, and how it stands. */
export function sensorRoutes({ sensors, masker }: ApiServices): readonly Route[] {
  const running = (): PackSensors => {
    const found = sensors();
    if (found === undefined) throw new PetrelError('unavailable', 'The sensors have not started yet. Try again.');
    return found;
  };
  const find = (ref: string): SensorReport => {
    const found = running()
      .list()
      .find(({ sensor }) => sensor.ref === ref || idOf(uidOf(sensor)) === ref);
    if (found === undefined) throw notFound('SensorType', ref);
    return found;
  };
  const view = ({ sensor, enabled, state }: SensorReport): JsonObject => {
    const uid = uidOf(sensor);
    const { lastError } = 'lastError' in state ? state : {};
    return {
      id: idOf(uid),
      uid,
      ref: sensor.ref,
      name: sensor.className,
      class_name: sensor.className,
      pack: sensor.pack,
      description: sensor.description ?? '',
      artifact_uri: `file://${sensor.entryPath}`,
      entry_point: `${sensor.pack}.sensors.${sensor.className}`,
      ...(sensor.pollInterval !== undefined && { poll_interval: sensor.pollInterval }),
      trigger_types: [...sensor.triggerTypes],
      enabled,
      metadata_file: sensor.metadataFile,
      // Petrel's own.
      state: {
        status: state.status,
        ...(state.status === 'running' && { pid: state.pid, since: timestamp(state.since) }),
        ...(state.status === 'waiting' && { next_start: timestamp(state.until) }),
        ...('restarts' in state && { restarts: state.restarts }),
        ...(lastError !== undefined && { last_error: masker.mask(lastError) }),
      },
    };
  };

  return [
    route({
      method: 'GET',
      path: '/sensortypes',
      tag: TAG,
      summary: 'Lists sensors and how they stand',
      query: z.object({ ...contentQuery, enabled: z.string().optional(), trigger: z.string().optional() }),
      answer: z.array(sensorType),
      handle({ query, reply }) {
        const { name, pack, enabled, trigger } = query;
        const wanted = running()
          .list()
          .filter(
            (report) =>
              (name === undefined || report.sensor.className === name) &&
              (pack === undefined || report.sensor.pack === pack) &&
              (enabled === undefined || String(report.enabled) === enabled.toLowerCase()) &&
              (trigger === undefined || report.sensor.triggerTypes.includes(trigger)),
          );
        return sendArray(reply, query, wanted.map(view));
      },
    }),
    route({
      method: 'GET',
      path: '/sensortypes/:ref',
      tag: TAG,
      summary: 'Shows a sensor, by reference or id',
      query: z.object(attributeQuery),
      answer: sensorType,
      errors: [503],
      handle: ({ params, query }) => attributesOf(query).choose(view(find(params.ref ?? ''))),
    }),
    route({
      method: 'PUT',
      path: '/sensortypes/:ref',
      tag: TAG,
      summary: 'Switches a sensor on or off; of what is sent, only "enabled" is looked at, as in StackStorm',
      body: z.looseObject({ enabled: z.boolean() }),
      answer: sensorType,
      errors: [503],
      handle: async ({ params, body }) =>
        view(await running().setEnabled(find(params.ref ?? '').sensor.ref, body.enabled)),
    }),
  ];
}

function uidOf({ pack, className }: SensorReport['sensor']): string {
  return `sensor_type:${pack}:${className}`;
}
