import type { Answer, Incoming } from '../loopback.ts';
import { envelope, noContent, nothingHere, VaultError } from './answers.ts';
import { bodyOf, casOf, dataOf, mergePatch, settingsOf, versionsOf } from './body.ts';
import { isReadable, type Secret, type Secrets, type SecretVersion } from './secrets.ts';

/** What a request does, as Vault sees methods: PUT and POST are one, and so are LIST and GET with `?list=true`. */
export type Operation = 'read' | 'list' | 'write' | 'patch' | 'delete';

type Endpoint = (operation: Operation, path: string, request: Incoming, secrets: Secrets) => Answer;

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['data', handleData],
  ['metadata', handleMetadata],
  [
    'delete',
    versionsEndpoint('No version number provided', (secrets, path, versions) => secrets.delete(path, versions)),
  ],
  [
    'undelete',
    versionsEndpoint('No version number provided', (secrets, path, versions) => secrets.undelete(path, versions)),
  ],
  [
    'destroy',
    versionsEndpoint('no version number provided', (secrets, path, versions) => secrets.destroy(path, versions)),
  ],
]);

/** A request below a KV version 2 mount; `path` is what follows the mount, decoded. */
export function handleKv(operation: Operation, path: string, request: Incoming, secrets: Secrets): Answer {
  const slash = path.indexOf('/');
  const endpoint = ENDPOINTS.get(slash < 0 ? path : path.slice(0, slash));
  if (endpoint === undefined) return wrongPath(operation);
  const rest = slash < 0 ? '' : path.slice(slash + 1);
  if (rest === '' && operation !== 'list') {
    const warning = 'Non-listing operations on the root of a K/V v2 mount are not supported.';
    return envelope(null, { status: 404, warnings: [warning] });
  }
  return endpoint(operation, rest, request, secrets);
}

/** The mistake of every newcomer, `secret/foo` instead of `secret/data/foo`, has an answer of its own. */
function wrongPath(operation: Operation): Answer {
  const commands: Record<Operation, string> = {
    read: 'get',
    list: 'list',
    write: 'put',
    patch: 'patch',
    delete: 'delete',
  };
  const warning = `Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv ${commands[operation]}' for this operation.`;
  return envelope(null, { status: 404, warnings: [warning] });
}

function handleData(operation: Operation, path: string, request: Incoming, secrets: Secrets): Answer {
  if (path.endsWith('/')) throw unsupportedPath();
  switch (operation) {
    case 'read':
      return readData(path, request, secrets);
    case 'write': {
      const body = bodyOf(request);
      const { secret, version } = secrets.write(path, dataOf(body), casOf(body));
      return envelope(versionMetadata(secret, version));
    }
    case 'patch':
      return patchData(path, request, secrets);
    case 'delete': {
      const current = secrets.find(path)?.currentVersion;
      if (current !== undefined) secrets.delete(path, [current]);
      return noContent;
    }
    case 'list':
      throw unsupportedOperation();
  }
}

function readData(path: string, request: Incoming, secrets: Secrets): Answer {
  const asked = request.query.get('version') ?? '';
  if (!/^\d{0,9}$/.test(asked))
    throw new VaultError(400, 'error converting input for field "version": expected an integer');
  const secret = secrets.find(path);
  const version = secret?.versions.get(Number(asked) || secret.currentVersion);
  if (secret === undefined || version === undefined) throw nothingHere();
  const metadata = versionMetadata(secret, version);
  return isReadable(version)
    ? envelope({ data: version.data, metadata })
    : envelope({ data: null, metadata }, { status: 404 });
}

function patchData(path: string, request: Incoming, secrets: Secrets): Answer {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim();
  if (type !== 'application/merge-patch+json') {
    throw new VaultError(415, `PATCH requires Content-Type of application/merge-patch+json, provided ${type}`);
  }
  const body = bodyOf(request);
  const patch = dataOf(body);
  const secret = secrets.find(path);
  const current = secret?.versions.get(secret.currentVersion);
  if (secret === undefined || current === undefined) return nothingToPatch;
  const cas = casOf(body);
  if (!isReadable(current)) return envelope(versionMetadata(secret, current), { status: 404 });
  const written = secrets.write(path, mergePatch(current.data, patch), cas);
  return envelope(versionMetadata(written.secret, written.version));
}

function handleMetadata(operation: Operation, path: string, request: Incoming, secrets: Secrets): Answer {
  switch (operation) {
    case 'read': {
      const secret = secrets.find(path);
      if (secret === undefined) throw nothingHere();
      return envelope(secretMetadata(secret));
    }
    case 'list': {
      const keys = secrets.list(path === '' || path.endsWith('/') ? path : `${path}/`);
      if (keys.length === 0) throw nothingHere();
      return envelope({ keys });
    }
    case 'write':
      secrets.configure(path, settingsOf(bodyOf(request)));
      return noContent;
    case 'patch':
      if (secrets.find(path) === undefined) return nothingToPatch;
      secrets.configure(path, settingsOf(bodyOf(request)));
      return noContent;
    case 'delete':
      secrets.remove(path);
      return noContent;
  }
}

function versionsEndpoint(
  complaint: string,
  change: (secrets: Secrets, path: string, versions: readonly number[]) => void,
): Endpoint {
  return (operation, path, request, secrets) => {
    if (operation !== 'write') throw unsupportedOperation();
    change(secrets, path, versionsOf(bodyOf(request), complaint));
    return noContent;
  };
}

/** Unlike a read of what is not there, a patch of it is answered without a body. */
const nothingToPatch: Answer = { status: 404, headers: { 'content-type': 'application/json' } };

function unsupportedOperation(): VaultError {
  return new VaultError(405, '1 error occurred:\n\t* unsupported operation\n\n');
}

function unsupportedPath(): VaultError {
  return new VaultError(404, '1 error occurred:\n\t* unsupported path\n\n');
}

function versionMetadata(secret: Secret, version: SecretVersion): object {
  return {
    created_time: version.createdTime,
    custom_metadata: secret.settings.customMetadata,
    deletion_time: version.deletionTime,
    destroyed: version.destroyed,
    version: version.version,
  };
}

function secretMetadata(secret: Secret): object {
  const versions = [...secret.versions.values()].map((version) => [
    String(version.version),
    { created_time: version.createdTime, deletion_time: version.deletionTime, destroyed: version.destroyed },
  ]);
  return {
    cas_required: secret.settings.casRequired,
    created_time: secret.createdTime,
    current_version: secret.currentVersion,
    custom_metadata: secret.settings.customMetadata,
    delete_version_after: '0s',
    max_versions: secret.settings.maxVersions,
    oldest_version: secret.oldestVersion,
    updated_time: secret.updatedTime,
    versions: Object.fromEntries(versions),
  };
}
