import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inCycles } from '../../../src/workflows/orquesta/cycles.ts';

const graphs = fc.integer({ min: 1, max: 8 }).chain((count) => {
  const node = fc.integer({ min: 0, max: count - 1 }).map(String);
  return fc
    .array(fc.tuple(node, node), { maxLength: 20 })
    .map(
      (edges) =>
        new Map(
          Array.from({ length: count }, (_, index) => [
            String(index),
            edges.filter(([from]) => from === String(index)).map(([, to]) => to),
          ]),
        ),
    );
});

/** By the definition: whether a walk that leaves a node comes back to it. */
function comesBack(graph: ReadonlyMap<string, readonly string[]>, node: string): boolean {
  const seen = new Set<string>();
  const waiting = [...(graph.get(node) ?? [])];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at === node) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    waiting.push(...(graph.get(at) ?? []));
  }
  return false;
}

describe('tasks in cycles', () => {
  it('are those that can be reached from themselves', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        expect([...inCycles(graph)].sort()).toEqual([...graph.keys()].filter((node) => comesBack(graph, node)).sort());
      }),
      { numRuns: 1000 },
    );
  });

  it('are found in a chain of 100,000 tasks', () => {
    const chain = new Map(Array.from({ length: 100_000 }, (_, index) => [String(index), [String(index + 1)]]));
    chain.set('100000', ['50000']);
    expect(inCycles(chain).size).toBe(50_001);
  });
});
