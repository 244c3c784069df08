import type { Enforcement, Id, TriggerInstance, TriggerInstanceStatus } from '../model/index.ts';
import {
  Conditions,
  freeTextOf,
  has,
  json,
  type Mutable,
  name,
  numberOf,
  objectOf,
  optionalJson,
  optionalName,
  textOf,
  time,
  wordOf,
} from './columns.ts';
import { addTimes, countSlice, listPage } from './listing.ts';
import type { InsertTarget, Row, Sql, Value } from './sql.ts';
import type { EnforcementFilter, EventOperations, TriggerInstanceFilter } from './store.ts';

const INSTANCES: InsertTarget = {
  table: 'trigger_instances',
  columns: [
    ['id', 'text'],
    ['trigger_ref', 'text'],
    ['parameters', 'text'],
    ['payload', 'text'],
    ['occurrence_time', 'integer'],
    ['status', 'text'],
    ['dedupe_key', 'text'],
    ['trace_tag', 'text'],
  ],
  onConflict: 'ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING',
};
const INSTANCE_COLUMNS = INSTANCES.columns.map(([column]) => column).join(', ');

const ENFORCEMENTS: InsertTarget = {
  table: 'enforcements',
  columns: [
    ['id', 'text'],
    ['rule_ref', 'text'],
    ['trigger_instance_id', 'text'],
    ['slot', 'integer'],
    ['status', 'text'],
    ['execution_id', 'text'],
    ['failure_reason', 'text'],
    ['enforced_at', 'integer'],
  ],
  onConflict: 'ON CONFLICT (trigger_instance_id, rule_ref, slot) DO NOTHING',
};
const ENFORCEMENT_COLUMNS = ENFORCEMENTS.columns.map(([column]) => column).join(', ');

/** Trigger instances and enforcements. */
export function eventOperations(sql: Sql): EventOperations {
  return {
    async insertTriggerInstances(instances) {
      return new Set((await sql.insert(INSTANCES, instances.map(instanceRow))).map(String));
    },

    async setTriggerInstanceStatus(id, status) {
      await sql.run('UPDATE trigger_instances SET status = $2 WHERE id = $1', [id, status]);
    },

    async getTriggerInstance(id) {
      const [row] = await sql.all(`SELECT ${INSTANCE_COLUMNS} FROM trigger_instances WHERE id = $1`, [id]);
      return row && instanceOf(row);
    },

    async getTriggerInstances(ids) {
      if (ids.length === 0) return new Map();
      const where = sql.dialect.inList('id', 1);
      const rows = await sql.all(`SELECT ${INSTANCE_COLUMNS} FROM trigger_instances WHERE ${where}`, [json(ids)]);
      return new Map(rows.map((row) => [textOf(row, 'id'), instanceOf(row)]));
    },

    async listTriggerInstances(filter, page) {
      const conditions = instanceConditions(filter, sql);
      const from = {
        table: 'trigger_instances',
        columns: INSTANCE_COLUMNS,
        conditions,
        orderBy: orderOf(filter),
        keyed: true,
      };
      return listPage(sql, from, page, instanceOf);
    },

    async countTriggerInstances(filter, slice) {
      const from = { table: 'trigger_instances', conditions: instanceConditions(filter, sql) };
      return countSlice(sql, from, slice);
    },

    async listUnprocessedTriggerInstances(limit) {
      const rows = await sql.all(
        `SELECT ${INSTANCE_COLUMNS} FROM trigger_instances
         WHERE status IN ('pending', 'processing') AND status <> 'processed' ORDER BY id LIMIT $1`,
        [limit],
      );
      return rows.map(instanceOf);
    },

    async insertEnforcements(enforcements) {
      return new Set((await sql.insert(ENFORCEMENTS, enforcements.map(enforcementRow))).map(String));
    },

    async getEnforcement(id) {
      const [row] = await sql.all(`SELECT ${ENFORCEMENT_COLUMNS} FROM enforcements WHERE id = $1`, [id]);
      return row && enforcementOf(row);
    },

    async listEnforcements(filter, page) {
      const conditions = enforcementConditions(filter, sql);
      const from = {
        table: 'enforcements',
        columns: ENFORCEMENT_COLUMNS,
        conditions,
        orderBy: orderOf(filter),
        keyed: true,
      };
      return listPage(sql, from, page, enforcementOf);
    },

    async countEnforcements(filter, slice) {
      return countSlice(sql, { table: 'enforcements', conditions: enforcementConditions(filter, sql) }, slice);
    },
  };
}

function orderOf({ order }: { readonly order?: 'newest' | 'oldest' }): string {
  return order === 'oldest' ? 'id' : 'id DESC';
}

function instanceConditions(filter: TriggerInstanceFilter, { dialect }: Sql): Conditions {
  const conditions = new Conditions();
  if (filter.ids !== undefined) conditions.add(json(filter.ids), (n) => dialect.inList('id', n));
  if (filter.trigger !== undefined) conditions.add(filter.trigger, (n) => `trigger_ref = $${n}`);
  if (filter.triggers !== undefined) conditions.add(json(filter.triggers), (n) => dialect.inList('trigger_ref', n));
  if (filter.dedupeKeys !== undefined) {
    conditions.add(json(filter.dedupeKeys), (n) => dialect.inList('dedupe_key', n));
    conditions.addPlain('dedupe_key IS NOT NULL');
  }
  if (filter.traceTag !== undefined) conditions.add(filter.traceTag, (n) => `trace_tag = $${n}`);
  if (filter.status !== undefined) {
    conditions.add(filter.status, (n) => `status = $${n}`);
    // Says what the parameter hides from the planner, so that the partial index on the few open ones can be used.
    if (filter.status !== 'processed') conditions.addPlain(`status <> 'processed'`);
  }
  addTimes(conditions, 'occurrence_time', filter);
  return conditions;
}

/** As `scansExecutions`. */
export function scansTriggerInstances({ ids, dedupeKeys, ...filter }: TriggerInstanceFilter): boolean {
  if (ids !== undefined || dedupeKeys !== undefined || filter.traceTag !== undefined) return false;
  const { trigger, triggers, status } = filter;
  return triggers !== undefined || status === 'processed' || (trigger !== undefined && status !== undefined);
}

function enforcementConditions(filter: EnforcementFilter, { dialect }: Sql): Conditions {
  const conditions = new Conditions();
  if (filter.ids !== undefined) conditions.add(json(filter.ids), (n) => dialect.inList('id', n));
  if (filter.ruleRef !== undefined) conditions.add(filter.ruleRef, (n) => `rule_ref = $${n}`);
  if (filter.triggerInstanceId !== undefined) {
    conditions.add(filter.triggerInstanceId, (n) => `trigger_instance_id = $${n}`);
  }
  if (filter.executionId !== undefined) conditions.add(filter.executionId, (n) => `execution_id = $${n}`);
  addTimes(conditions, 'enforced_at', filter);
  return conditions;
}

function instanceRow(instance: TriggerInstance): Value[] {
  return [
    instance.id,
    name(instance.trigger),
    json(instance.parameters),
    json(instance.payload),
    time(instance.occurrenceTime),
    instance.status,
    optionalName(instance.dedupeKey),
    optionalName(instance.traceTag),
  ];
}

function instanceOf(row: Row): TriggerInstance {
  const instance: Mutable<TriggerInstance> = {
    id: textOf(row, 'id'),
    trigger: textOf(row, 'trigger_ref'),
    parameters: objectOf(row, 'parameters'),
    payload: objectOf(row, 'payload'),
    occurrenceTime: numberOf(row, 'occurrence_time'),
    status: wordOf<TriggerInstanceStatus>(row, 'status'),
  };
  if (has(row, 'dedupe_key')) instance.dedupeKey = textOf(row, 'dedupe_key');
  if (has(row, 'trace_tag')) instance.traceTag = textOf(row, 'trace_tag');
  return instance;
}

function enforcementRow(enforcement: Enforcement): Value[] {
  return [
    enforcement.id,
    name(enforcement.ruleRef),
    enforcement.triggerInstanceId,
    enforcement.slot,
    enforcement.status,
    enforcement.executionId ?? null,
    optionalJson(enforcement.failureReason),
    time(enforcement.enforcedAt),
  ];
}

function enforcementOf(row: Row): Enforcement {
  const enforcement: Mutable<Enforcement> = {
    id: textOf(row, 'id') satisfies Id,
    ruleRef: textOf(row, 'rule_ref'),
    triggerInstanceId: textOf(row, 'trigger_instance_id'),
    slot: numberOf(row, 'slot'),
    status: wordOf<Enforcement['status']>(row, 'status'),
    enforcedAt: numberOf(row, 'enforced_at'),
  };
  if (has(row, 'execution_id')) enforcement.executionId = textOf(row, 'execution_id');
  if (has(row, 'failure_reason')) enforcement.failureReason = freeTextOf(row, 'failure_reason');
  return enforcement;
}
