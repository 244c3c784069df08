/**
 * Consul's key/value store and KV transactions, in memory, as one server that is its own leader: indexes, check-and-set, blocking
 * queries, recursion and separators answer as a real agent's do. With a master token there are ACL policies and tokens, enforced on keys. Sessions and
 * locks, the catalog, health, roles, auth methods and prepared queries are not here.
 */
export { type ConsulSandbox, type ConsulSandboxOptions, startConsulSandbox } from './server.ts';
