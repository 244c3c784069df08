import { inCycles } from './cycles.ts';
import type { Definition } from './definition.ts';

/** Names that are no tasks but orders to the engine. `retry` never becomes a node. */
export type Command = 'continue' | 'noop' | 'fail';
const COMMANDS: ReadonlySet<string> = new Set(['continue', 'noop', 'fail']);

export function isCommand(name: string): name is Command {
  return COMMANDS.has(name);
}

/** One transition between two tasks. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Numbers the edges between the same two tasks, in the order of the definition. */
  readonly key: number;
  /** `<target>__t<key>`, as the source knows it. */
  readonly id: string;
  /** `<source>__t<key>`, as the target knows it. */
  readonly back: string;
  readonly when: string | undefined;
  /** Index of the transition in the source's `next`. */
  readonly ref: number;
}

export interface RetryPolicy {
  readonly when: unknown;
  readonly count: unknown;
  readonly delay: unknown;
}

export interface Node {
  readonly name: string;
  /** Sorted by target. */
  readonly outgoing: readonly Edge[];
  /** Tasks that lead here, each with the ids of its transitions that do. */
  readonly inbound: ReadonlyMap<string, readonly string[]>;
  /** How many inbound tasks must lead here; undefined: the first one that does is enough. */
  readonly barrier: number | undefined;
  /** Several transitions lead here and there is no join: each arrival may open a route of its own. */
  readonly isSplit: boolean;
  readonly inCycle: boolean;
  readonly retry: RetryPolicy | undefined;
}

export interface Graph {
  /** Start tasks, sorted by name. */
  readonly roots: readonly string[];
  /** Tasks that can be reached, and the commands that are used. */
  readonly nodes: ReadonlyMap<string, Node>;
}

const graphs = new WeakMap<Definition, Graph>();

/** The graph of a definition, laid out once for all its steps. */
export function graphOf(definition: Definition): Graph {
  let graph = graphs.get(definition);
  if (graph === undefined) {
    graph = compose(definition);
    graphs.set(definition, graph);
  }
  return graph;
}

/** Lays out a definition (orquesta.md, section 2): what leads where. Targets that are no tasks are left out. */
function compose(definition: Definition): Graph {
  const targets = new Set<string>();
  for (const task of definition.tasks.values())
    for (const { do: names } of task.next) for (const name of names) targets.add(name);
  const roots = [...definition.tasks.keys()].filter((name) => !targets.has(name)).sort(byCode);
  const outgoing = new Map<string, Edge[]>();
  const retries = new Map<string, RetryPolicy>();
  const waiting = [...roots];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (outgoing.has(name)) continue;
    const { edges, retry } = edgesOf(definition, name);
    outgoing.set(name, edges);
    if (retry !== undefined) retries.set(name, retry);
    waiting.push(...edges.map(({ to }) => to));
  }
  const inbound = new Map<string, Edge[]>();
  for (const edge of [...outgoing.values()].flat()) addTo(inbound, edge.to, edge);
  const cyclic = inCycles(new Map([...outgoing].map(([name, edges]) => [name, edges.map(({ to }) => to)])));
  const nodes = new Map<string, Node>();
  for (const [name, edges] of outgoing) {
    const task = definition.tasks.get(name);
    const arriving = inbound.get(name) ?? [];
    const sources = new Map<string, string[]>();
    for (const { from, id } of arriving) addTo(sources, from, id);
    const { join } = task ?? {};
    nodes.set(name, {
      name,
      outgoing: [...edges].sort((left, right) => byCode(left.to, right.to)),
      inbound: sources,
      barrier: join === 'all' ? sources.size : join === 0 ? undefined : join,
      isSplit: join === undefined && arriving.length > 1,
      inCycle: cyclic.has(name),
      retry: retries.get(name) ?? task?.retry,
    });
  }
  return { roots, nodes };
}

function edgesOf(definition: Definition, name: string): { edges: Edge[]; retry: RetryPolicy | undefined } {
  const edges: Edge[] = [];
  const counts = new Map<string, number>();
  let retry: RetryPolicy | undefined;
  for (const [ref, { when, do: names }] of (definition.tasks.get(name)?.next ?? []).entries()) {
    for (const to of names) {
      if (to === 'retry') {
        retry = { when: when ?? '<% completed() %>', count: 3, delay: undefined };
      } else if (definition.tasks.has(to) || isCommand(to)) {
        const key = counts.get(to) ?? 0;
        counts.set(to, key + 1);
        edges.push({ from: name, to, key, id: `${to}__t${key}`, back: `${name}__t${key}`, when, ref });
      }
    }
  }
  return { edges, retry };
}

function addTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Python's order of texts. */
export function byCode(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
