import { createHash } from 'node:crypto';

/** RDS allows 63 characters. */
const MAX_IDENTIFIER = 63;

/**
 * The RDS identifier of a resource: the same for the same resource at any time, different for any two resources, and valid
 * whatever Kubernetes allows as a name: letters, digits and single hyphens, beginning with a letter.
 */
export function instanceIdentifier(namespace: string, name: string, uid: string): string {
  const suffix = createHash('sha256').update(uid).digest('hex').slice(0, 10);
  const readable = `${namespace}-${name}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_IDENTIFIER - suffix.length - 4)
    .replace(/-+$/, '');
  return ['db', readable, suffix].filter((part) => part !== '').join('-');
}

/** The datastore key that holds a database's master password from before the instance exists until after it is gone. */
export function passwordKey(uid: string): string {
  return `mysqldb.${uid}.master_password`;
}
