import type { Dialect } from './sql.ts';

/** A step of the schema. A number that was released never changes what it does. */
export interface Migration {
  readonly version: number;
  statements(dialect: Dialect): readonly string[];
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, statements: (dialect) => first(dialect.types) },
  { version: 2, statements: (dialect) => policies(dialect.types) },
  { version: 3, statements: (dialect) => timers(dialect.types) },
  { version: 4, statements: (dialect) => declaredResources(dialect.types) },
  { version: 5, statements: (dialect) => access(dialect.types) },
  { version: 6, statements: (dialect) => contentAndLists(dialect) },
  { version: 7, statements: (dialect) => moreLists(dialect) },
];

/**
 * Rows are small and hot; what is large (results) lives in a table of its own.
 *
 * `claim_at` says in one place what is claimable and when: waiting executions at `not_before` (0: at once), running ones at the
 * end of their lease. One that runs without a lease is parked (a workflow that waits for its tasks) and is not claimable,
 * unless it was given a `not_before` (a retry). NULL keeps a row out of the index that claiming reads.
 */
function first({ text, integer, bytes }: Dialect['types']): string[] {
  return [
    `CREATE TABLE trigger_instances (
      id ${text} PRIMARY KEY,
      trigger_ref ${text} NOT NULL,
      parameters ${text} NOT NULL,
      payload ${text} NOT NULL,
      occurrence_time ${integer} NOT NULL,
      status ${text} NOT NULL,
      dedupe_key ${text},
      trace_tag ${text}
    )`,
    'CREATE UNIQUE INDEX trigger_instances_dedupe ON trigger_instances (dedupe_key) WHERE dedupe_key IS NOT NULL',
    'CREATE INDEX trigger_instances_trigger ON trigger_instances (trigger_ref, id)',
    `CREATE INDEX trigger_instances_open ON trigger_instances (status, id) WHERE status <> 'processed'`,

    `CREATE TABLE enforcements (
      id ${text} PRIMARY KEY,
      rule_ref ${text} NOT NULL,
      trigger_instance_id ${text} NOT NULL,
      slot ${integer} NOT NULL,
      status ${text} NOT NULL,
      execution_id ${text},
      failure_reason ${text},
      enforced_at ${integer} NOT NULL
    )`,
    'CREATE UNIQUE INDEX enforcements_once ON enforcements (trigger_instance_id, rule_ref, slot)',
    'CREATE INDEX enforcements_rule ON enforcements (rule_ref, id)',
    'CREATE INDEX enforcements_execution ON enforcements (execution_id) WHERE execution_id IS NOT NULL',

    `CREATE TABLE executions (
      id ${text} PRIMARY KEY,
      action_ref ${text} NOT NULL,
      runner_type ${text} NOT NULL,
      status ${text} NOT NULL,
      parent_id ${text},
      task_name ${text},
      rule_ref ${text},
      trigger_instance_id ${text},
      created_at ${integer} NOT NULL,
      started_at ${integer},
      ended_at ${integer},
      attempt ${integer} NOT NULL,
      lease_owner ${text},
      lease_until ${integer},
      concurrency_key ${text},
      not_before ${integer},
      claim_at ${integer} GENERATED ALWAYS AS (
        CASE
          WHEN status IN ('requested', 'delayed') THEN COALESCE(not_before, 0)
          WHEN status = 'running' THEN COALESCE(lease_until, not_before)
        END
      ) STORED,
      log ${text} NOT NULL,
      context ${text} NOT NULL,
      parameters ${text} NOT NULL,
      result ${text}
    )`,
    'CREATE INDEX executions_claim ON executions (claim_at, id) WHERE claim_at IS NOT NULL',
    'CREATE INDEX executions_status ON executions (status, id)',
    'CREATE INDEX executions_action ON executions (action_ref, id)',
    'CREATE INDEX executions_parent ON executions (parent_id, id) WHERE parent_id IS NOT NULL',
    'CREATE INDEX executions_rule ON executions (rule_ref, id) WHERE rule_ref IS NOT NULL',
    'CREATE INDEX executions_trigger ON executions (trigger_instance_id, id) WHERE trigger_instance_id IS NOT NULL',
    `CREATE INDEX executions_key ON executions (concurrency_key, id)
      WHERE concurrency_key IS NOT NULL
        AND status NOT IN ('succeeded', 'failed', 'timeout', 'abandoned', 'canceled')`,
    // Two nodes that claim at the same instant cannot both start an execution of one key, whatever they saw.
    `CREATE UNIQUE INDEX executions_key_active ON executions (concurrency_key)
      WHERE concurrency_key IS NOT NULL
        AND status IN ('scheduled', 'running', 'pausing', 'paused', 'resuming', 'pending', 'canceling')`,

    `CREATE TABLE results (execution_id ${text} PRIMARY KEY, data ${bytes} NOT NULL)`,

    `CREATE TABLE output (
      execution_id ${text} NOT NULL,
      sequence ${integer} NOT NULL,
      stream ${text} NOT NULL,
      at ${integer} NOT NULL,
      data ${text} NOT NULL,
      PRIMARY KEY (execution_id, sequence)
    )`,
    `CREATE TABLE journal (
      execution_id ${text} NOT NULL,
      sequence ${integer} NOT NULL,
      at ${integer} NOT NULL,
      event ${text} NOT NULL,
      PRIMARY KEY (execution_id, sequence)
    )`,

    `CREATE TABLE keys (
      scope ${text} NOT NULL,
      owner ${text} NOT NULL,
      name ${text} NOT NULL,
      value ${text} NOT NULL,
      secret ${integer} NOT NULL,
      description ${text},
      expires_at ${integer},
      updated_at ${integer} NOT NULL,
      PRIMARY KEY (scope, owner, name)
    )`,
    'CREATE INDEX keys_expiry ON keys (expires_at) WHERE expires_at IS NOT NULL',

    `CREATE TABLE watches (watch_id ${text} PRIMARY KEY, resource_version ${text} NOT NULL)`,
    `CREATE TABLE handled (
      watch_id ${text} NOT NULL,
      uid ${text} NOT NULL,
      namespace ${text} NOT NULL,
      name ${text} NOT NULL,
      resource_version ${text} NOT NULL,
      generation ${integer} NOT NULL,
      summary ${text} NOT NULL,
      PRIMARY KEY (watch_id, uid)
    )`,
  ];
}

/**
 * Concurrency policies: who holds a place in a group (`holds` 1) and who waits for one (0). `grouped` says in the execution's own row
 * that there are such rows, so that the end of one without policies looks nowhere else. `notify` is NULL for most.
 */
function policies({ text, integer }: Dialect['types']): string[] {
  return [
    `CREATE TABLE concurrency (
      group_key ${text} NOT NULL,
      execution_id ${text} NOT NULL,
      holds ${integer} NOT NULL,
      PRIMARY KEY (group_key, execution_id)
    )`,
    'CREATE INDEX concurrency_execution ON concurrency (execution_id)',
    `ALTER TABLE executions ADD COLUMN grouped ${integer}`,
    `ALTER TABLE executions ADD COLUMN notify ${text}`,
  ];
}

/** When something is to happen to an execution that nobody runs meanwhile. One without a deadline has no row. */
function timers({ text, integer }: Dialect['types']): string[] {
  return [
    `CREATE TABLE timers (
      execution_id ${text} NOT NULL,
      kind ${text} NOT NULL,
      due_at ${integer} NOT NULL,
      PRIMARY KEY (execution_id, kind)
    )`,
    'CREATE INDEX timers_due ON timers (due_at)',
  ];
}

/** Objects of declared resources, and leases by which one node of several does a thing. `external`: whether something exists outside. */
function declaredResources({ text, integer }: Dialect['types']): string[] {
  return [
    `CREATE TABLE resources (
      uid ${text} PRIMARY KEY,
      resource ${text} NOT NULL,
      namespace ${text} NOT NULL,
      name ${text} NOT NULL,
      generation ${integer} NOT NULL,
      external ${text} NOT NULL,
      execution_id ${text},
      intent ${text},
      outputs ${text} NOT NULL,
      settled_at ${integer} NOT NULL,
      failure ${text},
      object ${text} NOT NULL,
      revision ${integer} NOT NULL
    )`,
    `CREATE TABLE leases (name ${text} PRIMARY KEY, owner ${text} NOT NULL, held_until ${integer} NOT NULL)`,
  ];
}

/** Who may do what, and who did. Of tokens and API keys only hashes are kept. */
function access({ text, integer }: Dialect['types']): string[] {
  return [
    `CREATE TABLE users (
      name ${text} PRIMARY KEY,
      password_hash ${text},
      subject ${text},
      created_at ${integer} NOT NULL
    )`,
    `CREATE TABLE tokens (
      id ${text} PRIMARY KEY,
      hash ${text} NOT NULL,
      owner ${text} NOT NULL,
      created_at ${integer} NOT NULL,
      expires_at ${integer} NOT NULL,
      metadata ${text} NOT NULL
    )`,
    'CREATE UNIQUE INDEX tokens_hash ON tokens (hash)',
    'CREATE INDEX tokens_owner ON tokens (owner)',
    'CREATE INDEX tokens_expiry ON tokens (expires_at)',
    `CREATE TABLE api_keys (
      id ${text} PRIMARY KEY,
      hash ${text} NOT NULL,
      owner ${text} NOT NULL,
      created_at ${integer} NOT NULL,
      enabled ${integer} NOT NULL,
      metadata ${text} NOT NULL
    )`,
    'CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash)',
    'CREATE INDEX api_keys_owner ON api_keys (owner, id)',
    `CREATE TABLE role_assignments (
      owner ${text} NOT NULL,
      role ${text} NOT NULL,
      source ${text} NOT NULL,
      created_at ${integer} NOT NULL,
      PRIMARY KEY (owner, role, source)
    )`,
    `CREATE TABLE audit (
      id ${text} PRIMARY KEY,
      at ${integer} NOT NULL,
      owner ${text} NOT NULL,
      method ${text} NOT NULL,
      address ${text} NOT NULL,
      request_id ${text} NOT NULL,
      action ${text} NOT NULL,
      target ${text} NOT NULL,
      permission ${text} NOT NULL,
      outcome ${text} NOT NULL,
      status ${integer} NOT NULL
    )`,
    'CREATE INDEX audit_owner ON audit (owner, id)',
    'CREATE INDEX audit_at ON audit (at)',
  ];
}
/**
 * Content made through the API; a deleted row stays with a NULL body, so that its revision is seen. And what lists of executions
 * are filtered by: top level ones, and those of people. Most executions are the rules' (user `stanley`), and cost no index entry.
 */
function contentAndLists(dialect: Dialect): string[] {
  const { text, integer } = dialect.types;
  return [
    `CREATE TABLE content (
      kind ${text} NOT NULL,
      ref ${text} NOT NULL,
      revision ${integer} NOT NULL,
      body ${text},
      PRIMARY KEY (kind, ref)
    )`,
    'CREATE INDEX content_revision ON content (revision)',
    `ALTER TABLE executions ADD COLUMN requested_by ${text}`,
    `UPDATE executions SET requested_by = ${dialect.jsonText('context', 'user')}`,
    `CREATE INDEX executions_person ON executions (requested_by, id) WHERE requested_by <> '${SYSTEM_USER}'`,
    // With the column itself: SQLite would read the rows to look at it when they are counted.
    'CREATE INDEX executions_top ON executions (id, parent_id) WHERE parent_id IS NULL',
    'CREATE INDEX trigger_instances_trace ON trigger_instances (trace_tag, id) WHERE trace_tag IS NOT NULL',
  ];
}

/** What else lists are filtered by. A trace tag stands where a person's request began a trace; of audit records most are `done`. */
function moreLists(dialect: Dialect): string[] {
  return [
    `ALTER TABLE executions ADD COLUMN trace_tag ${dialect.types.text}`,
    `UPDATE executions SET trace_tag = ${dialect.jsonText('context', 'trace_context', 'trace_tag')}
      WHERE parent_id IS NULL AND trigger_instance_id IS NULL`,
    'CREATE INDEX executions_trace ON executions (trace_tag, id) WHERE trace_tag IS NOT NULL',
    'CREATE INDEX executions_runner ON executions (runner_type, id)',
    `CREATE INDEX audit_outcome ON audit (outcome, id) WHERE outcome <> 'done'`,
  ];
}

/** The user that rules act as (see the events room). */
export const SYSTEM_USER = 'stanley';
