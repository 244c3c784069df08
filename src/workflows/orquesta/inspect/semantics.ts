import { str } from '../../../expressions/index.ts';
import { type Finding, item, type Place, property, TASKS, taskPlace } from './entry.ts';
import type { Spec } from './spec.ts';
import { isCommand, type Steps } from './steps.ts';

/** What fits the schema and still makes no sense. */
export function inspectSemantics(spec: Spec, steps: Steps): Finding[] {
  return [
    ...reservedNames(spec),
    ...missingStart(spec, steps),
    ...undefinedTargets(steps),
    ...unreachableJoins(steps),
    ...itemsWithoutAction(spec),
  ];
}

function at({ spec, schema }: Place, message: string): Finding {
  return { message, spec_path: spec, schema_path: schema };
}

function reservedNames({ tasks }: Spec): Finding[] {
  const reserved = [...tasks.keys()].filter(isCommand);
  return reserved.map((name) => at(taskPlace(name), `The task name "${name}" is reserved with special function.`));
}

function missingStart({ tasks }: Spec, { starts }: Steps): Finding[] {
  if (tasks.size === 0 || starts.length > 0) return [];
  const message =
    'Unable to identify any tasks to start the workflow. If the workflow has a loop, please add a task that serves as an entry ' +
    'point (or lead) into the loop.';
  return [at(TASKS, message)];
}

function undefinedTargets(steps: Steps): Finding[] {
  const found: Finding[] = [];
  const seen = new Set<unknown>();
  const waiting: unknown[] = [...steps.starts];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const task = steps.task(name);
    if (task === undefined || seen.has(name)) continue;
    seen.add(name);
    const next = property(taskPlace(String(name)), 'next');
    for (const [index, { targets }] of task.next.entries()) {
      for (const target of targets) {
        if (steps.isDefined(target)) waiting.push(target);
        else found.push(at(property(item(next, index), 'do'), `The task "${str(target)}" is not defined.`));
      }
    }
  }
  return found;
}

interface Seen {
  readonly splits: Set<string>;
  readonly from: Set<string>;
}

/**
 * A join where branches meet that passed different splits: nobody could say which arrivals belong together. Orquesta walks every
 * path; an arrival that brings no split and no inbound task that was not seen there before changes nothing, so it ends here.
 */
function unreachableJoins(steps: Steps): Finding[] {
  const seen = new Map<string, Seen>();
  const waiting = steps.starts.map((name) => ({
    from: undefined as string | undefined,
    name: name as unknown,
    passed: new Set<string>(),
  }));
  for (let arrival = waiting.shift(); arrival !== undefined; arrival = waiting.shift()) {
    const { from, name } = arrival;
    if (!steps.isListed(name)) continue;
    const passed = new Set(arrival.passed);
    if (steps.isSplit(name) && !steps.isInCycle(name)) passed.add(name);
    const known = seen.get(name);
    const here = known ?? { splits: new Set(), from: new Set() };
    seen.set(name, here);
    const isNews = known === undefined || [...passed].some((split) => !here.splits.has(split));
    for (const split of passed) here.splits.add(split);
    if (from !== undefined) here.from.add(from);
    if (!isNews) continue;
    for (const target of steps.targetsByName(name)) {
      const again = steps.isListed(target) && seen.has(target) && steps.isInCycle(target);
      if (!again) waiting.push({ from: name, name: target, passed });
    }
  }
  const unreachable = [...seen].filter(
    ([name, { splits, from }]) =>
      steps.isJoin(name) && [...from].some((inbound) => !isSame(splits, seen.get(inbound)?.splits)),
  );
  return unreachable.map(([name]) => at(taskPlace(name), unreachableMessage(name)));
}

function unreachableMessage(name: string): string {
  return (
    `The join task "${name}" is unreachable. A join task is determined to be unreachable if there are nested forks from ` +
    'multi-referenced tasks that join on the said task. This is ambiguous to the workflow engine because it does not know at ' +
    'which level should the join occurs.'
  );
}

function isSame(left: ReadonlySet<string>, right: ReadonlySet<string> | undefined): boolean {
  return right !== undefined && left.size === right.size && [...left].every((one) => right.has(one));
}

function itemsWithoutAction({ tasks }: Spec): Finding[] {
  const without = [...tasks].filter(([, { hasItems, action }]) => hasItems && (action ?? '') === '');
  return without.map(([name]) => at(taskPlace(name), 'The action property is required for with items task.'));
}
