import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type JsonObject, PetrelError } from '../../model/index.ts';
import type { PackSensors, SensorReport } from '../../sensors/index.ts';
import { notFound } from '../errors.ts';
import { sendArray } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { idOf, timestamp } from '../views.ts';

type ByRef = { Params: { ref: string } };

/** StackStorm takes the whole sensor and looks at this alone. */
const change = z.object({ enabled: z.boolean() });

/** /sensortypes: what StackStorm shows of a sensor, and how it stands. */
export function sensorRoutes(api: FastifyInstance, { sensors, masker }: ApiServices): void {
  api.get('/sensortypes', async (request, reply) => {
    const { name, pack, enabled, trigger } = request.query as Record<string, string | undefined>; // fastify's query object
    const wanted = running()
      .list()
      .filter(
        (report) =>
          (name === undefined || report.sensor.className === name) &&
          (pack === undefined || report.sensor.pack === pack) &&
          (enabled === undefined || String(report.enabled) === enabled.toLowerCase()) &&
          (trigger === undefined || report.sensor.triggerTypes.includes(trigger)),
      );
    return sendArray(reply, request.query, wanted.map(view));
  });

  api.get<ByRef>('/sensortypes/:ref', async (request) => view(find(request.params.ref)));

  api.put<ByRef>('/sensortypes/:ref', async (request) => {
    const body = change.safeParse(request.body);
    if (!body.success)
      throw new PetrelError('invalid', 'Only "enabled" of a sensor can be changed: {"enabled": false}.');
    return view(await running().setEnabled(find(request.params.ref).sensor.ref, body.data.enabled));
  });

  function running(): PackSensors {
    const found = sensors();
    if (found === undefined) throw new PetrelError('unavailable', 'The sensors have not started yet. Try again.');
    return found;
  }

  function find(ref: string): SensorReport {
    const found = running()
      .list()
      .find(({ sensor }) => sensor.ref === ref || idOf(uidOf(sensor)) === ref);
    if (found === undefined) throw notFound('SensorType', ref);
    return found;
  }

  function view({ sensor, enabled, state }: SensorReport): JsonObject {
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
  }
}

function uidOf({ pack, className }: SensorReport['sensor']): string {
  return `sensor_type:${pack}:${className}`;
}
