import type { Definition } from './definition.ts';
import type { Language } from './expressions.ts';
import { compose } from './graph.ts';
import type { Run } from './run.ts';
import { emptyState } from './state.ts';

/** A workflow that has not started. The definition's graph is laid out once for all runs of it. */
export function newRun(definition: Definition, language: Language): Run {
  let graph = graphs.get(definition);
  if (graph === undefined) {
    graph = compose(definition);
    graphs.set(definition, graph);
  }
  return { definition, graph, language, state: emptyState(), changes: [] };
}

const graphs = new WeakMap<Definition, ReturnType<typeof compose>>();
