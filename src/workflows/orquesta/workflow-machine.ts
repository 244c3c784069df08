import type { Status } from './statuses.ts';

/** Which status a workflow takes on a request or on a task's event (orquesta.md, section 7). `to: events (details)`. */
type Table = Readonly<Record<string, string>>;

const REQUESTS: Table = {
  none: 'requested: requested; scheduled: scheduled; delayed: delayed; running: running; failed: failed',
  requested:
    'scheduled: scheduled; delayed: delayed; running: running; paused: pausing(d), paused(d); canceled: canceling(d), canceled(d); failed: failed',
  scheduled:
    'delayed: delayed; running: running; paused: pausing(d), paused(d); canceled: canceling(d), canceled(d); failed: failed',
  delayed:
    'scheduled: scheduled; running: running; paused: pausing(d), paused(d); canceled: canceling(d), canceled(d); failed: failed',
  running:
    'pausing: pausing(a), paused(a); paused: pausing(d), paused(d); canceling: canceling(a), canceled(a); canceled: canceling(d), canceled(d); failed: failed; succeeded: succeeded',
  pausing:
    'pausing: pausing(a), paused(a); paused: pausing(d), paused(d); canceling: canceling(a), canceled(a); canceled: canceling(d), canceled(d); running: running; resuming: resuming; failed: failed',
  paused:
    'running: running; succeeded: running(c), resuming(c); resuming: resuming; canceled: canceling(d), canceled(d); failed: failed',
  resuming:
    'pausing: pausing(a), paused(a); paused: pausing(d), paused(d); canceling: canceling(a), canceled(a); canceled: canceling(d), canceled(d); running: running; failed: failed',
  canceling: 'canceling: canceling(a), canceled(a); canceled: canceling(d), canceled(d); failed: failed',
  succeeded: 'failed: failed',
};

const TASKS: Table = {
  running:
    'pausing: pending(a), succeeded(a.paused), remediated(a.paused); paused: pending(d), paused(d), succeeded(d.paused), remediated(d.paused); running: pausing, paused(a), succeeded(a.incomplete a.completed d.incomplete), remediated(a.incomplete a.completed d.incomplete); canceling: succeeded(a.canceled), remediated(a.canceled), canceling, canceled(a); succeeded: succeeded(d.completed), remediated(d.completed); canceled: succeeded(d.canceled), remediated(d.canceled), canceled(d); failed: failed(a d)',
  pausing:
    'pausing: pending(a), paused(a), succeeded(a.incomplete a.completed a.paused a.canceled), remediated(a.incomplete a.completed a.paused), retrying(a); paused: pending(d), paused(d), succeeded(d.incomplete d.completed d.paused), remediated(d.incomplete d.completed d.paused), retrying(d); canceled: succeeded(d.canceled), remediated(d.canceled), canceled(d); failed: failed(a d); canceling: remediated(a.canceled), canceling, canceled(a)',
  paused: 'running: running, resuming',
  resuming:
    'running: running, succeeded(a.incomplete a.completed d.incomplete), remediated(a.incomplete a.completed d.incomplete); pausing: pending(a); paused: pending(d), succeeded(d.paused), remediated(d.paused); succeeded: succeeded(d.completed), remediated(d.completed); canceled: succeeded(d.canceled), remediated(d.canceled), canceled(d); failed: failed(a d); canceling: canceling, canceled(a)',
  canceling:
    'canceling: pending(a), paused(a), succeeded(a.incomplete a.completed), failed(a), remediated(a.incomplete a.completed), canceled(a), retrying(a); canceled: pending(d), paused(d), succeeded(d.incomplete d.completed d.paused d.canceled), failed(d), remediated(d.incomplete d.completed d.paused d.canceled), canceled(d), retrying(d)',
};

const requests = compile(REQUESTS);
const tasks = compile(TASKS);

function compile(table: Table): ReadonlyMap<string, Status> {
  const map = new Map<string, Status>();
  for (const [from, row] of Object.entries(table)) {
    for (const cell of row.split('; ')) {
      const [to = '', events = ''] = cell.split(': ');
      for (const [, event = '', details] of events.matchAll(/(\w+)(?:\(([^)]*)\))?/g)) {
        // What stands left of a colon is a status.
        for (const detail of details?.split(' ') ?? ['']) map.set(`${from} ${event} ${detail}`, to as Status);
      }
    }
  }
  return map;
}

export interface TaskStates {
  readonly active: boolean;
  /** Some task is canceling or canceled. */
  readonly canceled: boolean;
  /** Some task is pausing, paused or pending. */
  readonly paused: boolean;
  /** Some task is staged and ready. */
  readonly staged: boolean;
}

const SPLIT: ReadonlySet<string> = new Set(['pausing', 'paused', 'canceling', 'canceled']);

/** The status after a request; undefined when it changes nothing. */
export function afterWorkflowRequest(
  status: Status | undefined,
  request: Status,
  states: TaskStates,
): Status | undefined {
  const from = status ?? 'none';
  if (SPLIT.has(request)) return requests.get(`${from} ${request} ${states.active ? 'a' : 'd'}`);
  const isResume = request === 'running' || request === 'resuming';
  const nothingLeft = status === 'paused' && !states.active && !states.staged && !states.paused;
  return requests.get(`${from} ${request} ${isResume && nothingLeft ? 'c' : ''}`);
}

/** The status of a task, as the workflow sees it. */
export type TaskEvent = Status | 'remediated';

const WITH_ACTIVITY: ReadonlySet<string> = new Set(
  'pending paused succeeded failed remediated canceled retrying'.split(' '),
);

/** The status after a task's event; undefined when it changes nothing. `incomplete`: something is staged, or the task has a next one. */
export function afterTask(
  status: Status | undefined,
  event: TaskEvent,
  states: TaskStates,
  incomplete: boolean,
): Status | undefined {
  let detail = '';
  if (WITH_ACTIVITY.has(event)) {
    detail = states.active ? 'a' : 'd';
    if (event === 'succeeded' || event === 'remediated') {
      const rest = states.canceled ? 'canceled' : states.paused ? 'paused' : incomplete ? 'incomplete' : 'completed';
      detail += `.${rest}`;
    }
  }
  return tasks.get(`${status ?? 'none'} ${event} ${detail}`);
}
