/**
 * The parameters of an execution, from what somebody supplied to what a runner gets: rendering in two stages, casting, merging of
 * the runner's schemas with the action's, validation. Pure: what it reads comes in as functions.
 *
 * Deliberately not here: storing, sealing of secrets, and rendering of anything but parameters.
 */
export type { Rendering } from './graph.ts';
export { type FinalParameters, type LiveRendering, renderFinal, renderLive } from './render.ts';
export { hasTemplate, mergeSchemas } from './schemas.ts';
export { eventProblem, payloadProblem, schemaProblem, validateParameters } from './validation.ts';
