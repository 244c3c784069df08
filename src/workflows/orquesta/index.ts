/**
 * Orquesta, StackStorm's workflow language (orquesta.md): a definition is laid out as a graph, events of tasks come in, what is to
 * be run next goes out. Pure: no I/O; the clock is only what expressions ask for, and what they answered is in the journal.
 *
 * Read in this order: definition, graph (what leads where), state (what a run is), changes (how it becomes), next-tasks, post-event,
 * start (what happens), journal, live, step, conductor (how the executions room drives it).
 */
export { createOrquesta } from './conductor.ts';
export { definitionOf } from './definition.ts';
export { type Flattened, flattened, KNOWN_VARIABLES } from './flattened.ts';
export { callsIn, type Finding, inspectContents, inspectDefinition } from './inspect/index.ts';
export { loadDefinition } from './load.ts';
export { mermaid } from './mermaid.ts';
