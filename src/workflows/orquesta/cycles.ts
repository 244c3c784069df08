/** The nodes that can be reached from themselves. Tarjan's strongly connected components, without recursion: linear in the graph. */
export function inCycles(graph: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const cyclic = new Set<string>();
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();

  const enter = (node: string): Visit => {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    open.push(node);
    isOpen.add(node);
    return { node, next: 0 };
  };
  const lower = (node: string, to: number | undefined) => {
    if (to !== undefined && to < (lowest.get(node) ?? 0)) lowest.set(node, to);
  };
  const leave = (node: string) => {
    if (lowest.get(node) !== order.get(node)) return;
    const component = open.splice(open.lastIndexOf(node));
    for (const member of component) isOpen.delete(member);
    const isCycle = component.length > 1 || graph.get(node)?.includes(node) === true;
    if (isCycle) for (const member of component) cyclic.add(member);
  };

  for (const root of graph.keys()) {
    if (order.has(root)) continue;
    const path = [enter(root)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const { node } = visit;
      const target = graph.get(node)?.[visit.next];
      visit.next += 1;
      if (target === undefined) {
        path.pop();
        leave(node);
        const above = path.at(-1);
        if (above !== undefined) lower(above.node, lowest.get(node));
      } else if (!order.has(target)) path.push(enter(target));
      else if (isOpen.has(target)) lower(node, order.get(target));
    }
  }
  return cyclic;
}

interface Visit {
  readonly node: string;
  /** Index of the neighbour that is looked at next. */
  next: number;
}
