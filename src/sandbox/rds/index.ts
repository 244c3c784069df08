/**
 * Amazon RDS's Query API for DB instances, in memory: create, describe, modify, reboot, delete, snapshots, restoring from them, read
 * replicas, tags and the events of reset passwords, with the states in between and RDS's own errors. It runs no database behind an instance, checks signatures for
 * their form only, and knows one account. Clusters, automated snapshots, copies between regions and the groups (of parameters, of
 * subnets, of security) as things of their own are not here; any name of a group is taken.
 */
export type { Creation } from './account.ts';
export type { Delays, Instance, InstanceStatus } from './instances.ts';
export type { Quotas } from './rules.ts';
export { type RdsSandbox, type RdsSandboxOptions, startRdsSandbox } from './server.ts';
export type { Snapshot } from './snapshots.ts';
