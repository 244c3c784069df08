import { z } from 'zod';
import { EXECUTION_STATUSES, type ExecutionStatus, PetrelError } from '../model/index.ts';
import type { ExecutionFilter, InsideFilter } from '../store/index.ts';
import { otherId } from './forms.ts';
import { listQuery, milliseconds, secretsQuery } from './query.ts';

const text = z.string().optional();

/** What lists of executions are filtered by (stackstorm-api.md section 3). */
export const executionQuery = z.object({
  ...listQuery,
  id: text.meta({ description: 'A comma list.' }),
  action: text,
  status: text.meta({ description: 'A comma list.' }),
  liveaction: text,
  parent: text.meta({ description: 'null: only those without a parent.' }),
  rule: text,
  runner: text,
  timestamp: text.meta({ description: 'A range, a..b.' }),
  timestamp_gt: text,
  timestamp_lt: text,
  trigger: text,
  trigger_type: text,
  trigger_instance: text,
  user: text,
  filter: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .meta({ description: 'path:value, e.g. context.user:ann; several with commas or blanks.' }),
  sort: text,
  sort_asc: text,
  sort_desc: text,
  ...secretsQuery,
  max_result_size: z.coerce.number().int().min(0).optional().meta({ description: 'Bytes.' }),
});

type ExecutionQuery = z.output<typeof executionQuery>;

/** Throws `PetrelError` (`invalid`) for what no execution can have. */
export function executionFilter(query: ExecutionQuery): ExecutionFilter {
  const ids = [...(query.id?.split(',') ?? []), ...(query.liveaction?.split(',').map(otherId) ?? [])];
  const triggers = query.trigger_type ?? query.trigger;
  const [from, to] = query.timestamp === undefined ? [] : rangeOf(query.timestamp);
  const after = query.timestamp_gt === undefined ? from : milliseconds(query.timestamp_gt);
  const before = query.timestamp_lt === undefined ? to : milliseconds(query.timestamp_lt);
  const advanced = query.filter === undefined ? {} : advancedFilter(query.filter);
  return {
    ...(ids.length > 0 && { ids }),
    ...(query.action !== undefined && { actionRef: query.action }),
    ...(query.status !== undefined && { statuses: statusesOf(query.status) }),
    ...(query.runner !== undefined && { runnerType: query.runner }),
    ...(query.parent !== undefined && { parentId: isNull(query.parent) ? null : query.parent }),
    ...(query.rule !== undefined && { ruleRef: query.rule }),
    ...(query.trigger_instance !== undefined && { triggerInstanceId: query.trigger_instance }),
    ...(triggers !== undefined && { triggers: triggers.split(',') }),
    ...(query.user !== undefined && { user: query.user }),
    ...advanced,
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
    ...(isOldestFirst(query) && { order: 'oldest' as const }),
  };
}

function isNull(value: string): boolean {
  return value === 'null' || value === 'None' || value === '';
}

/** As StackStorm: newest first, unless it is asked for what came after a time. */
function isOldestFirst({ sort, sort_asc, sort_desc, timestamp_gt }: ExecutionQuery): boolean {
  if (sort_asc !== undefined && !/^(?:false|0)$/i.test(sort_asc)) return true;
  if (sort_desc !== undefined && !/^(?:false|0)$/i.test(sort_desc)) return false;
  const key = sort?.split(',').find((name) => /^[ +-]?(?:start_timestamp|timestamp|id)$/.test(name));
  if (key !== undefined) return !key.startsWith('-');
  return timestamp_gt !== undefined;
}

function statusesOf(value: string): ExecutionStatus[] {
  return value.split(',').map((status) => {
    if (!(EXECUTION_STATUSES as readonly string[]).includes(status)) {
      throw new PetrelError(
        'invalid',
        `There is no execution status "${status}". Statuses: ${EXECUTION_STATUSES.join(', ')}.`,
      );
    }
    return status as ExecutionStatus; // checked in the line above
  });
}

/** `a..b`, both ends included. */
function rangeOf(value: string): [number, number] {
  const [from = '', to = '', ...more] = value.split('..');
  if (from === '' || to === '' || more.length > 0) {
    throw new PetrelError(
      'invalid',
      `"${value}" is not a range of time stamps; write two of them with ".." in between.`,
    );
  }
  const [a, b] = [milliseconds(from), milliseconds(to)];
  return [Math.min(a, b) - 1, Math.max(a, b) + 1];
}

/** The paths that lead to a column; those into context and parameters are looked up in them. */
const COLUMNS: Readonly<Record<string, (value: string) => ExecutionFilter>> = {
  id: (value) => ({ ids: [value] }),
  status: (value) => ({ statuses: statusesOf(value) }),
  parent: (value) => ({ parentId: isNull(value) ? null : value }),
  'action.ref': (value) => ({ actionRef: value }),
  'liveaction.id': (value) => ({ ids: [otherId(value)] }),
  'liveaction.action': (value) => ({ actionRef: value }),
  'runner.name': (value) => ({ runnerType: value }),
  'rule.ref': (value) => ({ ruleRef: value }),
  'trigger_instance.id': (value) => ({ triggerInstanceId: value }),
  'trigger_type.ref': (value) => ({ triggers: [value] }),
  'trigger.type': (value) => ({ triggers: [value] }),
};

/** Commas, or, as StackStorm's web interface writes them, blanks: those that a path follows, since a value may have blanks. */
const BETWEEN_FILTERS = /,|\s+(?=[\w-]+(?:\.[\w-]+)*:)/;

function advancedFilter(given: string | readonly string[]): ExecutionFilter {
  const parts = (typeof given === 'string' ? [given] : given)
    .flatMap((part) => part.split(BETWEEN_FILTERS))
    .filter((part) => part !== '');
  const inside: InsideFilter[] = [];
  let filter: ExecutionFilter = {};
  for (const part of parts) {
    const colon = part.indexOf(':');
    const [name, value] = [part.slice(0, Math.max(colon, 0)), part.slice(colon + 1)];
    const [column, ...path] = name.split('.');
    const known = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    if (colon > 0 && known !== undefined) filter = { ...filter, ...known(value) };
    else if (colon > 0 && (column === 'context' || column === 'parameters') && path.length > 0) {
      inside.push({ column, path, value });
    } else {
      const paths = [...Object.keys(COLUMNS), 'context.*', 'parameters.*'].join(', ');
      throw new PetrelError('invalid', `"${part}" is no filter; write path:value with one of these paths: ${paths}.`);
    }
  }
  return inside.length === 0 ? filter : { ...filter, inside };
}
