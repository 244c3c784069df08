/**
 * Consul's key/value store and KV transactions, in memory, as one server that is its own leader: indexes, check-and-set, blocking
 * queries, recursion and separators answer as a real agent's do. Sessions and locks, the catalog, health, ACL policies and prepared
 * queries are not here; one token, when asked for, is all the access control.
 */
export { type ConsulSandbox, type ConsulSandboxOptions, startConsulSandbox } from './server.ts';
