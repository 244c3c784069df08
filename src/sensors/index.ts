/**
 * The hosts of sensors: what notices that something happened outside and hands it over as events.
 *
 * A sensor decides nothing: it dispatches, and keeps its own state (a cursor, what it has handled) in the transaction that stores
 * the events, so that a restart neither loses nor repeats. Rules and executions are other rooms' business. Webhooks have no host
 * here, since the API receives them: this room only says which triggers a url means.
 */
export { type KubernetesSensor, type KubernetesSensorOptions, startKubernetesSensor } from './kubernetes-sensor.ts';
export type { PackSensors, SensorReport } from './pack-sensors.ts';
export { type PythonSensorSettings, pythonSensorHost } from './python-sensor.ts';
export type { SensorHost, SensorPort, SensorProcess } from './sensor-host.ts';
export { type SensorServices, type Sensors, startSensors } from './sensors.ts';
export { verifySignature } from './signatures.ts';
export { isTimer } from './timers.ts';
export { type Trigger, triggerOf, triggersOf } from './triggers.ts';
export { typescriptHost } from './typescript-host.ts';
export type { WatchReport, WatchStore } from './watched-target.ts';
export { type BoundWebhook, boundWebhooks, type WebhookCall, webhookEvent, webhooksAt } from './webhooks.ts';
