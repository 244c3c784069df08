/**
 * Resources: custom resource kinds that packs declare, and everything around them but the work itself, which handlers do: the
 * CustomResourceDefinition, the watch, finalizers, ordering, retries, dependencies, drift, orphans, status and Events.
 *
 * Reconciling is level-based: `decide` (pure) compares what is wished, what was done and what was seen, and names one next
 * step; the rest of the room gathers those facts and carries the step out. What is about to happen is always stored first, in one
 * transaction with the execution that does it, so that a process may die at any instant. No event matters, only states:
 * whatever was missed is seen by looking again.
 *
 * This room talks to no provider: handlers are actions and workflows of packs, requested as any other execution. It lies below the
 * executions room, which is therefore handed in.
 */
export { crdOf } from './crd.ts';
export type { Explanation, ObjectView } from './insight.ts';
export { createResources, type Resources } from './resources.ts';
export type { ResourceExecutions, ResourceServices } from './services.ts';
