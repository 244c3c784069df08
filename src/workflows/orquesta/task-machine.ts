import { isAbended, isActive, isCompleted, type Status } from './statuses.ts';

/**
 * Which status a task takes on an event (orquesta.md, section 6). Events are named after action statuses; those about one item of
 * several carry what the other items do. What is not in the table changes nothing.
 */
type Table = Readonly<Partial<Record<Status | 'none', Readonly<Partial<Record<Status, string>>>>>>;

const ACTIONS: Table = {
  none: {
    requested: 'requested',
    scheduled: 'scheduled',
    delayed: 'delayed',
    running: 'running',
    pending: 'pending',
  },
  requested: forward('scheduled delayed running pending'),
  scheduled: forward('delayed running pending'),
  delayed: forward('scheduled running pending'),
  running: {
    running: 'running',
    pending: 'pending',
    pausing: 'pausing',
    paused: 'paused',
    canceling: 'canceling',
    canceled: 'canceled',
    failed: 'failed timeout abandoned',
    succeeded: 'succeeded',
  },
  pending: { canceled: 'canceled', failed: 'failed timeout abandoned', succeeded: 'succeeded' },
  pausing: {
    paused: 'paused',
    resuming: 'resuming',
    canceling: 'canceling',
    canceled: 'canceled',
    failed: 'failed timeout abandoned',
  },
  paused: { running: 'running', resuming: 'resuming', canceling: 'canceling', canceled: 'canceled' },
  resuming: { running: 'running', canceling: 'canceling', canceled: 'canceled' },
  retrying: { running: 'running', canceling: 'canceling', canceled: 'canceled' },
  canceling: { canceled: 'paused canceled', failed: 'failed timeout abandoned' },
};

function forward(before: string): Partial<Record<Status, string>> {
  const to: Partial<Record<Status, string>> = {};
  for (const status of `${before} pausing paused canceling canceled failed timeout abandoned`.split(' ')) {
    // The names above are statuses.
    to[status as Status] = status;
  }
  return to;
}

const ANY_ENDED = 'd.canceled d.comp d.failed d.inc d.paused';
const MOST_ENDED = 'd.comp d.failed d.inc d.paused';

/** `statuses(others)`, separated by `;`. */
const ITEMS: Table = {
  running: {
    pausing: 'pending paused (a.inc)',
    paused: 'pending paused (d.comp d.inc d.paused); succeeded (d.paused)',
    canceled: `pending paused failed timeout abandoned succeeded (d.canceled); canceled (${ANY_ENDED})`,
    failed: `pending paused succeeded (d.failed); failed timeout abandoned (${MOST_ENDED})`,
    canceling: 'canceled (a.inc)',
    running: 'succeeded (a.inc d.inc)',
    succeeded: 'succeeded (d.comp)',
  },
  pausing: {
    paused: 'pending paused (d.comp d.inc d.paused); succeeded (d.inc d.paused)',
    canceled: `pending paused failed timeout abandoned succeeded (d.canceled); canceled (${ANY_ENDED})`,
    failed: `pending paused succeeded (d.failed); failed timeout abandoned (${MOST_ENDED})`,
    succeeded: 'succeeded (d.comp)',
  },
  canceling: {
    canceled: `pending paused canceled failed timeout abandoned (${ANY_ENDED}); succeeded (d.canceled d.failed d.inc d.paused)`,
    succeeded: 'succeeded (d.comp)',
  },
};

const compiledActions = compile(ACTIONS);
const compiledItems = compile(ITEMS);

/** From `status event` or `status event suffix` to the new status. */
function compile(table: Table): ReadonlyMap<string, Status> {
  const map = new Map<string, Status>();
  for (const [from, cells] of Object.entries(table)) {
    for (const [to, cell] of Object.entries(cells)) {
      for (const group of cell.split(';')) {
        const [, events = '', suffixes] = /^([^(]*)(?:\((.*)\))?$/.exec(group.trim()) ?? [];
        for (const event of events.trim().split(' ')) {
          // Keys of a table are statuses.
          for (const suffix of suffixes?.split(' ') ?? ['']) map.set(`${from} ${event} ${suffix}`, to as Status);
        }
      }
    }
  }
  return map;
}

/** The status after an action's event; undefined when it changes nothing. */
export function afterAction(status: Status | undefined, event: Status): Status | undefined {
  return compiledActions.get(`${status ?? 'none'} ${event} `);
}

/** The status after the event of one item; `others` are the statuses of the other items, undefined for those not run. */
export function afterItem(
  status: Status | undefined,
  event: Status,
  others: readonly (Status | undefined)[],
): Status | undefined {
  const counts = isCompleted(event) || event === 'resuming' || event === 'pending' || event === 'paused';
  return counts
    ? compiledItems.get(`${status ?? 'none'} ${event} ${suffixOf(others)}`)
    : compiledActions.get(`${status ?? 'none'} ${event} `);
}

function suffixOf(others: readonly (Status | undefined)[]): string {
  const active = others.some(isActive);
  if (!active) {
    if (others.some((status) => status === 'pending' || status === 'paused')) return 'd.paused';
    if (others.includes('canceled')) return 'd.canceled';
    if (others.some(isAbended)) return 'd.failed';
  }
  return `${active ? 'a' : 'd'}.${others.every(isCompleted) ? 'comp' : 'inc'}`;
}

/** The status of a task after a request to its workflow. `items` are those of a task that has several. */
export function afterRequest(
  status: Status | undefined,
  request: Status,
  items: readonly (Status | undefined)[] | undefined,
): Status | undefined {
  if (status === 'retrying') return request === 'canceling' || request === 'canceled' ? 'canceled' : undefined;
  if (status !== 'running' || items === undefined || items.every(isCompleted)) return undefined;
  const active = items.some(isActive);
  if (request === 'pausing' || request === 'paused') return active ? 'pausing' : 'paused';
  if (request === 'canceling' || request === 'canceled') return active ? 'canceling' : 'canceled';
  return undefined;
}
