/**
 * Amazon RDS's Query API for DB instances, in memory: create, describe, modify, reboot, delete and tags, with the states in between
 * and RDS's own errors. It runs no database behind an instance, checks signatures for their form only, and knows one account;
 * clusters, snapshots as resources, parameter groups and subnet groups are not here.
 */
export type { Delays, Instance, InstanceStatus } from './instances.ts';
export { type RdsSandbox, type RdsSandboxOptions, startRdsSandbox } from './server.ts';
