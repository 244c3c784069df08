import type {
  AuditRecord,
  Enforcement,
  Execution,
  ExecutionResult,
  ExecutionStatus,
  FinalStatus,
  Id,
  JournalEntry,
  Json,
  KeyScope,
  OutputLine,
  ResourceRecord,
  RoleAssignment,
  StatusChange,
  StoredApiKey,
  StoredKey,
  StoredToken,
  StoredUser,
  TriggerInstance,
  TriggerInstanceStatus,
} from '../model/index.ts';

/**
 * The one door to the database. Two dialects implement it (SQLite, PostgreSQL) and one conformance suite
 * (test/store/conformance.ts) holds both.
 */
export interface Store extends Operations {
  readonly dialect: 'sqlite' | 'postgres';

  /**
   * Runs `work` atomically. Transactions that wait at the same moment are committed together (group commit): each
   * `work` runs alone, one after the other, and one commit makes all of them durable. When one of a group fails, the
   * group is rolled back and every `work` is run again in a transaction of its own, so `work` must have no side effect
   * but through `tx`, and may run more than once. Resolves after the commit is durable. `work` must await nothing but `tx`.
   */
  transaction<T>(work: (tx: Operations) => Promise<T>): Promise<T>;

  /** Finishes what is under way and lets the database go. */
  close(): Promise<void>;
}

/** Every named operation. Called on the store itself, each is a transaction of its own. */
export interface Operations
  extends EventOperations,
    ExecutionOperations,
    ConcurrencyOperations,
    WorkflowOperations,
    TimerOperations,
    KeyOperations,
    WatchOperations,
    ResourceOperations,
    AccessOperations,
    AuditOperations,
    ListOperations,
    ContentOperations {}

export interface Page {
  readonly limit: number;
  readonly offset: number;
  /** The total is -1 where it would have to be counted. */
  readonly uncounted?: boolean;
  /** Of rows with these ids alone. */
  readonly within?: IdRange;
}

/** The ids after `above`, up to `upTo` and with it; absent: without an end. */
export interface IdRange {
  readonly above?: Id;
  readonly upTo?: Id;
}

/** Tables whose ids begin with the time. */
export type ListedTable = 'executions' | 'trigger_instances' | 'enforcements' | 'audit';

/** For lists that are gone through part by part. */
export interface ListOperations {
  /**
   * Where a part of so many rows ends, counted in that order: oldest first the id of its last row, newest first that of the row after it.
   * Undefined: the range has no more rows than that.
   */
  findId(table: ListedTable, range: IdRange, rows: number, order: 'newest' | 'oldest'): Promise<Id | undefined>;
}

export interface EventOperations {
  /** Stores the instances, all but those whose dedupe key is taken already. Answers the ids that were stored. */
  insertTriggerInstances(instances: readonly TriggerInstance[]): Promise<ReadonlySet<Id>>;
  setTriggerInstanceStatus(id: Id, status: TriggerInstanceStatus): Promise<void>;
  getTriggerInstance(id: Id): Promise<TriggerInstance | undefined>;
  /** Of many at once; those that are not there are absent. */
  getTriggerInstances(ids: readonly Id[]): Promise<ReadonlyMap<Id, TriggerInstance>>;
  /** Newest first. `trigger` is a trigger type reference; times are epoch milliseconds, exclusive. */
  listTriggerInstances(filter: TriggerInstanceFilter, page: Page): Promise<Listed<TriggerInstance>>;
  countTriggerInstances(filter: TriggerInstanceFilter, slice: Slice): Promise<Counted>;
  /** Instances that were stored but not processed (a process died in between); oldest first. */
  listUnprocessedTriggerInstances(limit: number): Promise<readonly TriggerInstance[]>;

  /** Stores the enforcements, all but those whose (ruleRef, triggerInstanceId, slot) exists. Answers the ids stored. */
  insertEnforcements(enforcements: readonly Enforcement[]): Promise<ReadonlySet<Id>>;
  getEnforcement(id: Id): Promise<Enforcement | undefined>;
  /** Newest first. */
  listEnforcements(filter: EnforcementFilter, page: Page): Promise<Listed<Enforcement>>;
  countEnforcements(filter: EnforcementFilter, slice: Slice): Promise<Counted>;
}

export interface TriggerInstanceFilter {
  readonly ids?: readonly Id[];
  readonly trigger?: string;
  /** Any of these. */
  readonly triggers?: readonly string[];
  readonly traceTag?: string;
  readonly dedupeKeys?: readonly string[];
  readonly status?: TriggerInstanceStatus;
  readonly after?: number;
  readonly before?: number;
  readonly order?: 'newest' | 'oldest';
}

export interface EnforcementFilter {
  readonly ids?: readonly Id[];
  readonly ruleRef?: string;
  readonly triggerInstanceId?: Id;
  readonly executionId?: Id;
  readonly after?: number;
  readonly before?: number;
  readonly order?: 'newest' | 'oldest';
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** How many match without paging. */
  readonly total: number;
}

/** A part of a count: at most `limit` of those whose id comes after `after` (empty: from the first on). */
export interface Slice {
  readonly after: Id;
  readonly limit: number;
  /** The last id that may be counted. */
  readonly upTo?: Id;
}

/** `last`: the greatest id of those counted; `after` of the slice when there was none. */
export interface Counted {
  readonly count: number;
  readonly last: Id;
}

export interface ExecutionOperations {
  insertExecutions(executions: readonly Execution[]): Promise<void>;
  getExecution(id: Id): Promise<Execution | undefined>;
  /** Newest first unless `order` is `oldest`. */
  listExecutions(filter: ExecutionFilter, page: Page): Promise<Listed<Execution>>;
  countExecutions(filter: ExecutionFilter, slice: Slice): Promise<Counted>;
  /** The ids of the children of many executions at once, oldest first; those without one are absent. */
  listChildIds(parentIds: readonly Id[]): Promise<ReadonlyMap<Id, readonly Id[]>>;
  /** The values that occur in executions, in their order. `users` are those of the newest executions only. */
  listExecutionValues(): Promise<ExecutionValues>;

  /**
   * Takes up to `limit` executions to run, oldest first: those `requested` or `delayed` whose `notBefore` has come, and
   * those `running` whose lease has ended (their worker died). One that runs without a lease is parked (a workflow that waits
   * for its tasks) and is not taken, unless it has a `notBefore`, which every claim clears. One with a concurrency key is taken only when no older
   * execution with that key is unfinished. Each becomes `running` with `attempt` + 1, the lease, `startedAt` (kept
   * from the first attempt) and entries in its log (`scheduled`, `running`). PostgreSQL: FOR UPDATE SKIP LOCKED.
   */
  claimExecutions(claim: Claim): Promise<readonly Execution[]>;
  /** Extends the leases of those of `ids` that `owner` still holds. Answers these, with the status of each. */
  renewLeases(owner: string, ids: readonly Id[], leaseUntil: number): Promise<ReadonlyMap<Id, ExecutionStatus>>;
  /** Ends all leases at once, except those of `owner`: for a store only one process can open, at its start. */
  expireForeignLeases(owner: string): Promise<number>;
  /** The earliest time after `now` at which an execution becomes claimable (`notBefore` or the end of a lease). */
  nextClaimTime(now: number): Promise<number | undefined>;

  /**
   * Ends an execution: status, end time, log, result, lease gone, its places in concurrency groups handed on. Refused (false, nothing written) when the transition is not
   * allowed, or when `attempt` is given and is not the current one (a late result of a lost lease).
   */
  finishExecution(finish: Finish): Promise<boolean>;
  /**
   * Moves an execution on without ending it. Refused (false) when the transition is not allowed, or `attempt` is given and is
   * not the current one. The log gets an entry when the status differs. A final status is a programming error and throws.
   */
  setExecutionStatus(change: StatusUpdate): Promise<boolean>;
  /** Of one that has ended, or waits for an answer. */
  getResult(id: Id): Promise<ExecutionResult | undefined>;
  /** Results of many executions at once; those without one are absent. */
  getResults(ids: readonly Id[]): Promise<ReadonlyMap<Id, ExecutionResult>>;

  /** Fails with code `conflict`, storing nothing, when a sequence number is taken. */
  appendOutput(lines: readonly OutputLine[]): Promise<void>;
  /** In order of sequence, from `fromSequence` on. */
  listOutput(executionId: Id, fromSequence: number, limit: number): Promise<readonly OutputLine[]>;
}

export interface ExecutionFilter {
  readonly ids?: readonly Id[];
  readonly actionRef?: string;
  readonly statuses?: readonly ExecutionStatus[];
  readonly runnerType?: string;
  /** An id, or null for executions without a parent. */
  readonly parentId?: Id | null;
  readonly ruleRef?: string;
  readonly triggerInstanceId?: Id;
  /** Type of the trigger whose instance started it; any of these. */
  readonly triggers?: readonly string[];
  readonly user?: string;
  /** That a request began its trace with; of what rules request and of tasks it is not known. */
  readonly traceTag?: string;
  /** Values inside its context or its parameters, compared as text. */
  readonly inside?: readonly InsideFilter[];
  readonly after?: number;
  readonly before?: number;
  readonly order?: 'newest' | 'oldest';
}

export interface InsideFilter {
  readonly column: 'context' | 'parameters';
  readonly path: readonly string[];
  readonly value: string;
}

export interface ExecutionValues {
  readonly actions: readonly string[];
  readonly statuses: readonly ExecutionStatus[];
  readonly rules: readonly string[];
  readonly runners: readonly string[];
  readonly triggers: readonly string[];
  readonly users: readonly string[];
}

export interface Claim {
  readonly owner: string;
  readonly limit: number;
  readonly now: number;
  readonly leaseUntil: number;
}

export interface Finish {
  readonly id: Id;
  readonly attempt?: number;
  readonly status: FinalStatus;
  readonly result: ExecutionResult;
  readonly now: number;
}

export interface StatusUpdate {
  readonly id: Id;
  readonly attempt?: number;
  readonly status: ExecutionStatus;
  readonly now: number;
  /** Given (also null): replaces the value. Absent: unchanged. A lease set to null is released. */
  readonly lease?: null;
  readonly notBefore?: number | null;
  readonly context?: { readonly [key: string]: Json | undefined };
  /** What it has to show before it has ended. */
  readonly result?: ExecutionResult;
}

/** Executions that share a number of places (policies `action.concurrency` and `action.concurrency.attr`). */
export interface ConcurrencyOperations {
  /**
   * Asks for a place in each of the groups for a claimed execution that is about to run. There is room when those of the group that
   * hold a place, and those that wait and were requested earlier, are fewer than its threshold; who held a place before (its process
   * died) has it still, and where an ancestor holds one none is asked for. With room in all groups its places are taken. Otherwise it
   * waits in all of them (`delayed`, without its lease) until `finishExecution` of a holder makes the oldest that waits claimable;
   * or nothing is written, when the group that is full wants it canceled.
   */
  admitExecution(request: AdmissionRequest): Promise<Admission>;
}

export interface ConcurrencyGroup {
  readonly key: string;
  readonly threshold: number;
  readonly whenFull: 'delay' | 'cancel';
}

export interface AdmissionRequest {
  readonly id: Id;
  readonly attempt: number;
  /** No two with one key. Places in other groups, of policies that are gone, are given up. */
  readonly groups: readonly ConcurrencyGroup[];
  /** The workflows it belongs to, which wait for it. */
  readonly ancestors: readonly Id[];
  /** When it is claimed again even if nobody makes room, should it have to wait. */
  readonly lookAgainAt: number;
  /** Its log, should it have to wait. */
  readonly log: readonly StatusChange[];
}

/** `released`: another that waited can be claimed now. */
export type Admission =
  | { readonly outcome: 'admitted'; readonly released: boolean }
  /** It waits, and is claimed again when there is room. */
  | { readonly outcome: 'delayed'; readonly full: ConcurrencyGroup; readonly released: boolean }
  /** It is the caller's to cancel it. */
  | { readonly outcome: 'refused'; readonly full: ConcurrencyGroup }
  /** It runs no more, or under another attempt; nothing was written. */
  | { readonly outcome: 'superseded' };

export interface WorkflowOperations {
  /** Appends to a workflow's journal. Fails with code `conflict` when a sequence number is taken. */
  appendJournal(entries: readonly JournalEntry[]): Promise<void>;
  readJournal(executionId: Id, fromSequence?: number): Promise<readonly JournalEntry[]>;
}

/** What is to happen at a time: an inquiry's time to answer is over, a workflow's time to end. */
export interface Timer {
  readonly executionId: Id;
  readonly kind: 'inquiry' | 'timeout';
  readonly dueAt: number;
}

export interface TimerOperations {
  /** One of each kind per execution: a later one takes the place of the one before. */
  setTimer(timer: Timer): Promise<void>;
  /** False when there is none. */
  deleteTimer(executionId: Id, kind: Timer['kind']): Promise<boolean>;
  /** Those whose time has come, the earliest first. */
  listDueTimers(now: number, limit: number): Promise<readonly Timer[]>;
  /** The time of the earliest. */
  nextTimer(): Promise<number | undefined>;
}

export interface KeyOperations {
  getKey(scope: KeyScope, user: string, name: string): Promise<StoredKey | undefined>;
  putKey(key: StoredKey): Promise<void>;
  deleteKey(scope: KeyScope, user: string, name: string): Promise<boolean>;
  /** By name. Expired entries are included; the datastore room leaves them out. */
  listKeys(scope: KeyScope, user: string, prefix: string, page: Page): Promise<Listed<StoredKey>>;
  /** Removes what expired before `now`. Answers how many. */
  deleteExpiredKeys(now: number): Promise<number>;
}

/** The state of one watch (one kind with its selectors): a cursor and the handled version of each object. */
export interface WatchOperations {
  getCursor(watchId: string): Promise<string | undefined>;
  setCursor(watchId: string, resourceVersion: string): Promise<void>;
  /** The objects whose state was handled, by uid, from after the uid `after` on; without `limit` all of them. */
  listHandled(watchId: string, after?: string, limit?: number): Promise<readonly HandledObject[]>;
  /** Those of these objects whose state was handled, by uid. */
  getHandled(watchId: string, uids: readonly string[]): Promise<readonly HandledObject[]>;
  putHandled(watchId: string, objects: readonly HandledObject[]): Promise<void>;
  deleteHandled(watchId: string, uids: readonly string[]): Promise<void>;
  /** Forgets a watch altogether. */
  deleteWatch(watchId: string): Promise<void>;
}

export interface HandledObject {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly generation: number;
  /**
   * What a synthesised DELETED event shows and the next state is compared with: the fields that rules read, else metadata and the
   * spec. JSON; kept small.
   */
  readonly summary: { readonly [key: string]: Json | undefined };
}

/** What is known of the objects of declared resources. */
export interface ResourceOperations {
  /**
   * Stores the record with `revision` + 1, when what is stored has exactly `revision` (0: nothing is stored). False, and nothing
   * written, when somebody else was faster.
   */
  putResource(record: ResourceRecord): Promise<boolean>;
  /** The same condition. */
  deleteResource(uid: string, revision: number): Promise<boolean>;
  listResources(): Promise<readonly ResourceRecord[]>;
  /** Takes or extends a lease, unless another owner holds it. `alone`: whoever held it is dead. */
  acquireLease(lease: string, claim: LeaseClaim): Promise<boolean>;
  releaseLease(lease: string, owner: string): Promise<void>;
}

export interface LeaseClaim {
  readonly owner: string;
  /** Epoch milliseconds, as `until`. */
  readonly now: number;
  readonly until: number;
  readonly alone?: boolean;
}

/** Users, their tokens and API keys, and the roles given to them. */
export interface AccessOperations {
  getUser(name: string): Promise<StoredUser | undefined>;
  putUser(user: StoredUser): Promise<void>;
  /** False when there is one of that name already. */
  insertUser(user: StoredUser): Promise<boolean>;
  /** With tokens, API keys and roles. False when there is none. */
  deleteUser(name: string): Promise<boolean>;
  /** By name. */
  listUsers(): Promise<readonly StoredUser[]>;

  insertToken(token: StoredToken): Promise<void>;
  /** Expired ones included, until they are deleted. */
  getToken(hash: string): Promise<StoredToken | undefined>;
  deleteToken(hash: string): Promise<boolean>;
  deleteTokensOf(user: string): Promise<number>;
  deleteExpiredTokens(now: number): Promise<number>;

  /** Creates it; one that is there gets the user, the metadata and whether it is enabled. Fails with `conflict` when the hash is taken. */
  putApiKey(key: StoredApiKey): Promise<void>;
  getApiKey(id: Id): Promise<StoredApiKey | undefined>;
  findApiKey(hash: string): Promise<StoredApiKey | undefined>;
  deleteApiKey(id: Id): Promise<boolean>;
  /** Oldest first; of all users unless one is named. */
  listApiKeys(user?: string): Promise<readonly StoredApiKey[]>;

  putRoleAssignment(assignment: RoleAssignment): Promise<void>;
  deleteRoleAssignment(user: string, role: string, source: RoleAssignment['source']): Promise<boolean>;
  listRoleAssignments(user?: string): Promise<readonly RoleAssignment[]>;
}

export interface AuditOperations {
  insertAudit(record: AuditRecord): Promise<void>;
  /** Newest first; times are epoch milliseconds, exclusive. */
  listAudit(filter: AuditFilter, page: Page): Promise<Listed<AuditRecord>>;
  countAudit(filter: AuditFilter, slice: Slice): Promise<Counted>;
  deleteAuditBefore(at: number): Promise<number>;
}

export interface AuditFilter {
  readonly user?: string;
  readonly outcome?: AuditRecord['outcome'];
  readonly after?: number;
  readonly before?: number;
}

/**
 * Content that was made through the API rather than by a pack's file: metadata as a pack's file would hold it. Every change has a
 * revision of its own, greater than all before, so that other nodes see by one number whether there is anything new.
 */
export interface ContentOperations {
  /** All there is, in the order of kind and reference. */
  listContent(): Promise<readonly StoredContent[]>;
  getContent(kind: string, ref: string): Promise<StoredContent | undefined>;
  /** Adds it or puts it in place of what was there. Answers its revision. */
  putContent(content: Omit<StoredContent, 'revision'>): Promise<number>;
  /** False when there is none. */
  deleteContent(kind: string, ref: string): Promise<boolean>;
  /** The revision of the latest change, deletions included; 0: there was none. */
  contentRevision(): Promise<number>;
}

export interface StoredContent {
  /** What it is, e.g. `rule`. */
  readonly kind: string;
  readonly ref: string;
  readonly body: { readonly [key: string]: Json | undefined };
  readonly revision: number;
}
