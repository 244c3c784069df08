/**
 * The hosts of sensors: what notices that something happened outside and hands it over as events.
 *
 * A sensor decides nothing: it dispatches, and keeps its own state (a cursor, what it has handled) in the transaction that stores
 * the events, so that a restart neither loses nor repeats. Rules and executions are other rooms' business.
 */
export {
  type KubernetesSensor,
  type KubernetesSensorOptions,
  startKubernetesSensor,
} from './kubernetes-sensor.ts';
export type { WatchReport, WatchStore } from './watched-target.ts';
