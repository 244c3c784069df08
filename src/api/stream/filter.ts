/** What an event is about, for filters. */
export interface Facts {
  readonly name: string;
  /** Absent: it is about no action. */
  readonly actionRef?: string;
  readonly executionId?: string;
  /** Absent: nothing that is known started it. */
  readonly parentId?: string;
}

interface StreamFilter {
  matches(facts: Facts): boolean;
  /** Whether output lines are asked for: they are many. */
  readonly wantsOutput: boolean;
}

export const OUTPUT_EVENT = 'st2.execution.output__create';
/** As StackStorm: what is heard by whoever does not say what to hear. */
const DEFAULT_EVENTS = ['st2.announcement__*', 'st2.execution__*', 'st2.liveaction__*', 'petrel.*'];

/** As StackStorm: shell wildcards in `events`; with an action or an execution, events that are about none are left out. */
export function streamFilter(query: {
  readonly events?: readonly string[] | undefined;
  readonly action_refs?: readonly string[] | undefined;
  readonly execution_ids?: readonly string[] | undefined;
}): StreamFilter {
  const { events = [], action_refs: actions = [], execution_ids: executions = [] } = query;
  const patterns = (events.length === 0 ? DEFAULT_EVENTS : events).map(wildcard);
  const isWanted = (name: string) => patterns.some((pattern) => pattern.test(name));
  return {
    wantsOutput: isWanted(OUTPUT_EVENT),
    matches: ({ name, actionRef, executionId }) =>
      isWanted(name) &&
      (actions.length === 0 || (actionRef !== undefined && actions.includes(actionRef))) &&
      (executions.length === 0 || (executionId !== undefined && executions.includes(executionId))),
  };
}

/** `*`, `?` and `[abc]` of a shell. */
function wildcard(text: string): RegExp {
  const source = text.replaceAll(
    /\*+|\?|\[(!?)([^\]\\]+)\]|[^*?[]+|\[/g,
    (part, not: string | undefined, set: string | undefined) => {
      if (part.startsWith('*')) return '.*';
      if (part === '?') return '.';
      if (set !== undefined) return `[${not === '!' ? '^' : ''}${set.replaceAll('^', '\\^')}]`;
      return part.replaceAll(/[\\^$.|+(){}[\]]/g, '\\$&');
    },
  );
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return /^(?!)/; // a set such as [z-a], which holds nothing
  }
}
