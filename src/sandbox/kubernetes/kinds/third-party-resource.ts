/** ThirdPartyResources, how kinds were added to the API in 2016: a name says it all, and objects have no schema. */
import { type Cause, cause } from '../errors.ts';
import { listAt, stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { ageColumn, nameColumn } from './columns.ts';
import { fieldReader, type Kind } from './kind.ts';

export interface ThirdPartyNames {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/**
 * The names in a name: `mysql-db.prsn.io` is kind MysqlDb, plural mysqldbs, group prsn.io (as Kubernetes 1.2 to 1.7,
 * pkg/registry/extensions/thirdpartyresourcedata). Undefined when the name has no domain.
 */
export function thirdPartyNames(name: string): ThirdPartyNames | undefined {
  const [first = '', ...domain] = name.split('.');
  if (first === '' || domain.length < 2 || domain.includes('')) return undefined;
  const kind = first
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return { group: domain.join('.'), kind, plural: pluralOf(kind.toLowerCase()) };
}

/** As `meta.KindToResource`, which named the paths. */
function pluralOf(singular: string): string {
  if (singular.endsWith('s')) return `${singular}es`;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

const VERSION = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\/[a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/;

export function validateThirdPartyResource(resource: KubeObject): Cause[] {
  const complaints: Cause[] = [];
  const { name } = resource.metadata;
  if (thirdPartyNames(name) === undefined) {
    complaints.push(
      cause.invalid('metadata.name', name, 'name must be of the form <kind>.<domain>.<top-level domain>'),
    );
  }
  const versions = listAt(resource, 'versions');
  if (versions.length === 0) complaints.push(cause.required('versions', 'must specify at least one version'));
  for (const [index, version] of versions.entries()) {
    const given = stringAt(version, 'name') ?? '';
    if (!VERSION.test(given))
      complaints.push(cause.invalid(`versions[${index}].name`, given, 'must be a version such as v1 or stable/v1'));
  }
  return complaints;
}

/**
 * What a ThirdPartyResource serves. A version with a slash is served as it is, but kept out of discovery, where no client of today could read it;
 * the same objects are served and listed under its last part (`stable/v1` also as `v1`). All versions are served; the servers of the time
 * served the first alone.
 */
export function thirdPartyKinds(resource: KubeObject): Kind[] {
  const names = thirdPartyNames(resource.metadata.name);
  if (names === undefined) return [];
  const versions = listAt(resource, 'versions').flatMap((version) => stringAt(version, 'name') ?? []);
  const served = new Set([...versions, ...versions.map((version) => version.split('/').at(-1) ?? version)]);
  return [...served].map((version) => ({
    ...names,
    version,
    apiVersion: `${names.group}/${version}`,
    listKind: `${names.kind}List`,
    singular: names.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    storageKey: `${names.group}/${names.plural}`,
    listed: !version.includes('/'),
    hasStatus: false,
    custom: true,
    // As its strategy's AllowUnconditionalUpdate said from 1.1 to 1.7.
    blindReplace: true,
    columns: [nameColumn, ageColumn],
    readField: fieldReader(),
    hooks: {},
  }));
}
