import { accessOperations } from './access-operations.ts';
import { auditOperations } from './audit-operations.ts';
import { concurrencyOperations } from './concurrency-operations.ts';
import { contentOperations } from './content-operations.ts';
import { eventOperations, scansTriggerInstances } from './event-operations.ts';
import { executionOperations, scansExecutions } from './execution-operations.ts';
import { keyOperations } from './key-operations.ts';
import { listOperations } from './listing.ts';
import { createLists } from './lists.ts';
import { resourceOperations } from './resource-operations.ts';
import type { Sql } from './sql.ts';
import type { AuditFilter, Operations } from './store.ts';
import { timerOperations } from './timer-operations.ts';
import { watchOperations } from './watch-operations.ts';
import { workflowOperations } from './workflow-operations.ts';

/** Every operation, over one connection. */
export function createOperations(sql: Sql): Operations {
  return {
    ...eventOperations(sql),
    ...executionOperations(sql),
    ...concurrencyOperations(sql),
    ...workflowOperations(sql),
    ...timerOperations(sql),
    ...keyOperations(sql),
    ...watchOperations(sql),
    ...resourceOperations(sql),
    ...accessOperations(sql),
    ...auditOperations(sql),
    ...listOperations(sql),
    ...contentOperations(sql),
  };
}

/** Runs a piece of work over some connection. */
export type Run = <T>(work: (operations: Operations) => Promise<T>) => Promise<T>;

const executions = {
  table: 'executions',
  scans: scansExecutions,
  list: (tx: Operations) => tx.listExecutions,
  count: (tx: Operations) => tx.countExecutions,
} as const;
const triggerInstances = {
  table: 'trigger_instances',
  scans: scansTriggerInstances,
  list: (tx: Operations) => tx.listTriggerInstances,
  count: (tx: Operations) => tx.countTriggerInstances,
} as const;
const enforcements = {
  table: 'enforcements',
  scans: () => false,
  list: (tx: Operations) => tx.listEnforcements,
  count: (tx: Operations) => tx.countEnforcements,
} as const;
const audit = {
  table: 'audit',
  // Of what was done as it should be there is no index, and of a user's own records only one by user.
  scans: ({ user, outcome }: AuditFilter) => outcome === 'done' || (outcome !== undefined && user !== undefined),
  list: (tx: Operations) => tx.listAudit,
  count: (tx: Operations) => tx.countAudit,
} as const;

/** Every operation as a piece of work of its own: writes are committed, reads need no commit. */
export function separately(write: Run, read: Run): Operations {
  const lists = createLists(read);
  return {
    insertTriggerInstances: (instances) => write((tx) => tx.insertTriggerInstances(instances)),
    setTriggerInstanceStatus: (id, status) => write((tx) => tx.setTriggerInstanceStatus(id, status)),
    getTriggerInstance: (id) => read((tx) => tx.getTriggerInstance(id)),
    getTriggerInstances: (ids) => read((tx) => tx.getTriggerInstances(ids)),
    listTriggerInstances: (filter, page) => lists.list(filter, page, triggerInstances),
    countTriggerInstances: (filter, slice) => read((tx) => tx.countTriggerInstances(filter, slice)),
    listUnprocessedTriggerInstances: (limit) => read((tx) => tx.listUnprocessedTriggerInstances(limit)),
    insertEnforcements: (enforcements) => write((tx) => tx.insertEnforcements(enforcements)),
    getEnforcement: (id) => read((tx) => tx.getEnforcement(id)),
    listEnforcements: (filter, page) => lists.list(filter, page, enforcements),
    countEnforcements: (filter, slice) => read((tx) => tx.countEnforcements(filter, slice)),

    insertExecutions: (executions) => write((tx) => tx.insertExecutions(executions)),
    getExecution: (id) => read((tx) => tx.getExecution(id)),
    listExecutions: (filter, page) => lists.list(filter, page, executions),
    countExecutions: (filter, slice) => read((tx) => tx.countExecutions(filter, slice)),
    listChildIds: (parentIds) => read((tx) => tx.listChildIds(parentIds)),
    listExecutionValues: () => read((tx) => tx.listExecutionValues()),
    claimExecutions: (claim) => write((tx) => tx.claimExecutions(claim)),
    renewLeases: (owner, ids, leaseUntil) => write((tx) => tx.renewLeases(owner, ids, leaseUntil)),
    expireForeignLeases: (owner) => write((tx) => tx.expireForeignLeases(owner)),
    nextClaimTime: (now) => read((tx) => tx.nextClaimTime(now)),
    finishExecution: (finish) => write((tx) => tx.finishExecution(finish)),
    setExecutionStatus: (change) => write((tx) => tx.setExecutionStatus(change)),
    getResult: (id) => read((tx) => tx.getResult(id)),
    getResults: (ids) => read((tx) => tx.getResults(ids)),
    appendOutput: (lines) => write((tx) => tx.appendOutput(lines)),
    listOutput: (id, fromSequence, limit) => read((tx) => tx.listOutput(id, fromSequence, limit)),

    admitExecution: (request) => write((tx) => tx.admitExecution(request)),

    appendJournal: (entries) => write((tx) => tx.appendJournal(entries)),
    readJournal: (id, fromSequence) => read((tx) => tx.readJournal(id, fromSequence)),

    setTimer: (timer) => write((tx) => tx.setTimer(timer)),
    deleteTimer: (id, kind) => write((tx) => tx.deleteTimer(id, kind)),
    listDueTimers: (now, limit) => read((tx) => tx.listDueTimers(now, limit)),
    nextTimer: () => read((tx) => tx.nextTimer()),

    getKey: (scope, user, name) => read((tx) => tx.getKey(scope, user, name)),
    putKey: (key) => write((tx) => tx.putKey(key)),
    deleteKey: (scope, user, name) => write((tx) => tx.deleteKey(scope, user, name)),
    listKeys: (scope, user, prefix, page) => read((tx) => tx.listKeys(scope, user, prefix, page)),
    deleteExpiredKeys: (now) => write((tx) => tx.deleteExpiredKeys(now)),

    getCursor: (watchId) => read((tx) => tx.getCursor(watchId)),
    setCursor: (watchId, resourceVersion) => write((tx) => tx.setCursor(watchId, resourceVersion)),
    listHandled: (watchId, after, limit) => read((tx) => tx.listHandled(watchId, after, limit)),
    getHandled: (watchId, uids) => read((tx) => tx.getHandled(watchId, uids)),
    putHandled: (watchId, objects) => write((tx) => tx.putHandled(watchId, objects)),
    deleteHandled: (watchId, uids) => write((tx) => tx.deleteHandled(watchId, uids)),
    deleteWatch: (watchId) => write((tx) => tx.deleteWatch(watchId)),

    putResource: (record) => write((tx) => tx.putResource(record)),
    deleteResource: (uid, revision) => write((tx) => tx.deleteResource(uid, revision)),
    listResources: () => read((tx) => tx.listResources()),
    acquireLease: (lease, claim) => write((tx) => tx.acquireLease(lease, claim)),
    releaseLease: (lease, owner) => write((tx) => tx.releaseLease(lease, owner)),

    getUser: (name) => read((tx) => tx.getUser(name)),
    putUser: (user) => write((tx) => tx.putUser(user)),
    insertUser: (user) => write((tx) => tx.insertUser(user)),
    deleteUser: (name) => write((tx) => tx.deleteUser(name)),
    listUsers: () => read((tx) => tx.listUsers()),
    insertToken: (token) => write((tx) => tx.insertToken(token)),
    getToken: (hash) => read((tx) => tx.getToken(hash)),
    deleteToken: (hash) => write((tx) => tx.deleteToken(hash)),
    deleteTokensOf: (user) => write((tx) => tx.deleteTokensOf(user)),
    deleteExpiredTokens: (now) => write((tx) => tx.deleteExpiredTokens(now)),
    putApiKey: (key) => write((tx) => tx.putApiKey(key)),
    getApiKey: (id) => read((tx) => tx.getApiKey(id)),
    findApiKey: (hash) => read((tx) => tx.findApiKey(hash)),
    deleteApiKey: (id) => write((tx) => tx.deleteApiKey(id)),
    listApiKeys: (user) => read((tx) => tx.listApiKeys(user)),
    putRoleAssignment: (assignment) => write((tx) => tx.putRoleAssignment(assignment)),
    deleteRoleAssignment: (user, role, source) => write((tx) => tx.deleteRoleAssignment(user, role, source)),
    listRoleAssignments: (user) => read((tx) => tx.listRoleAssignments(user)),

    insertAudit: (record) => write((tx) => tx.insertAudit(record)),
    listAudit: (filter, page) => lists.list(filter, page, audit),
    countAudit: (filter, slice) => read((tx) => tx.countAudit(filter, slice)),
    findId: (table, range, rows, order) => read((tx) => tx.findId(table, range, rows, order)),
    deleteAuditBefore: (at) => write((tx) => tx.deleteAuditBefore(at)),
    listContent: () => read((tx) => tx.listContent()),
    getContent: (kind, ref) => read((tx) => tx.getContent(kind, ref)),
    putContent: (content) => write((tx) => tx.putContent(content)),
    deleteContent: (kind, ref) => write((tx) => tx.deleteContent(kind, ref)),
    contentRevision: () => read((tx) => tx.contentRevision()),
  };
}
