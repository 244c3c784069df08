import type { JsonObject } from '../../model/index.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';

const COLUMNS = [
  column('REF', 'ref'),
  column('ENABLED', 'enabled'),
  column('STATE', 'state.status'),
  column('PID', 'state.pid'),
  column('RESTARTS', 'state.restarts'),
  column('LAST ERROR', 'state.last_error'),
];

/** Sensors of packs, and how each stands. */
export async function list(options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', '/sensortypes?limit=-1');
  print(body, options.json === true, () => table((body as readonly JsonObject[]).map(inOneLine), COLUMNS)); // a list answers an array
}

/** One sensor with all its fields. */
export async function get(ref: string, options: GlobalOptions): Promise<void> {
  const { body } = await call(findConnection(options, process.env), 'GET', `/sensortypes/${encodeURIComponent(ref)}`);
  const rows = Object.entries(body as JsonObject).map(([field, value = null]) => ({ field, value })); // one thing is an object
  print(body, options.json === true, () => table(rows, [column('FIELD', 'field'), column('VALUE', 'value')]));
}

export const enable = (ref: string, options: GlobalOptions) => change(ref, true, options);
export const disable = (ref: string, options: GlobalOptions) => change(ref, false, options);

async function change(ref: string, enabled: boolean, options: GlobalOptions): Promise<void> {
  const path = `/sensortypes/${encodeURIComponent(ref)}`;
  const { body } = await call(findConnection(options, process.env), 'PUT', path, { enabled });
  print(body, options.json === true, () => `Sensor ${ref} is ${enabled ? 'enabled' : 'disabled'} now.`);
}

/** A failure may be a whole stack trace; a line of a table holds its beginning. */
function inOneLine(sensor: JsonObject): JsonObject {
  const state = sensor.state as JsonObject; // every sensor has one
  const error = typeof state.last_error === 'string' ? state.last_error.split('\n', 1)[0] : undefined;
  return { ...sensor, state: { ...state, ...(error !== undefined && { last_error: error }) } };
}
