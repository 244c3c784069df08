/**
 * ThirdPartyResources, Kubernetes' first way to add kinds (1.1 to 1.7, removed in 1.8), as the CustomResourceDefinitions that replace them.
 *
 * What a ThirdPartyResource meant is read from Kubernetes' sources of the time:
 * - Its name said everything: `mysql-db.prsn.io` was kind MysqlDb in group prsn.io (`ExtractApiGroupAndKind`: three parts at least, the first the
 *   kind, a capital at its beginning and after each dash, the others the group). From 1.2 on a name had to be a DNS subdomain; 1.1 took any.
 * - The plural was guessed: `KindToResource` added s, es after s, and made ies of y (1.1: always s). It named the paths.
 * - A version's name had to be there and be unique, and nothing else: `stable/v1`, as the design document and many after it wrote, was
 *   accepted, and served below /apis/prsn.io/stable/v1, to objects that said `apiVersion: prsn.io/stable/v1`. Only the first of the versions was
 *   served, whatever else was listed.
 * - Objects lay in namespaces and had no schema; `description` stood beside the metadata.
 */
import { type Json, type JsonObject, PetrelError } from '../model/index.ts';
import { at, broken, type Cursor, itemsOf, membersOf, requiredText, textAt } from './openapi/cursor.ts';

export interface MigratedResource {
  /** The definition's, e.g. `mysqldbs.prsn.io`. */
  readonly name: string;
  readonly definition: JsonObject;
  /** What whoever uses it must change: one sentence each. */
  readonly notes: readonly string[];
}

const DESCRIPTION = 'kubernetes.io/description';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * The CustomResourceDefinition for each ThirdPartyResource among the objects; other objects are left out. Throws `invalid` with the place and the
 * next step for one that cannot be replaced, and when there is none.
 */
export function migrateThirdPartyResources(objects: readonly Cursor[], file: string): readonly MigratedResource[] {
  const resources = objects.filter((one) => at(one, 'kind').value === 'ThirdPartyResource');
  if (resources.length === 0) {
    throw new PetrelError('invalid', `${file} holds no ThirdPartyResource. Give the file that defines the kind.`);
  }
  const seen = new Set<string>();
  return resources.map((resource) => {
    const migrated = migrateThirdPartyResource(resource);
    if (seen.has(migrated.name)) {
      throw broken(at(resource, 'metadata', 'name'), `defines ${migrated.name} a second time; remove one`);
    }
    seen.add(migrated.name);
    return migrated;
  });
}

function migrateThirdPartyResource(resource: Cursor): MigratedResource {
  const { group, kind, singular, plural } = namesOf(at(resource, 'metadata', 'name'));
  const name = `${plural}.${group}`;
  const versions = versionsOf(at(resource, 'versions'));
  const description = textAt(at(resource, 'description')) ?? '';
  const annotations = membersOf(at(resource, 'metadata', 'annotations'))
    .filter(([name]) => name !== LAST_APPLIED)
    .map(([name, value]): [string, Json] => [name, value.value ?? '']);
  if (description !== '') annotations.push([DESCRIPTION, description]);
  const labels = at(resource, 'metadata', 'labels').value;
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name,
      ...(labels === undefined || labels === null ? {} : { labels }),
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular },
      versions: versions.map((version, index) => ({
        name: version.name,
        served: true,
        storage: index === 0,
        schema: {
          openAPIV3Schema: {
            ...(description === '' ? {} : { description }),
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
          },
        },
      })),
    },
  };
  const notes = versions.flatMap(({ written, name }) =>
    written === name
      ? []
      : [
          `${kind}: a version has no slash any more; write apiVersion: ${group}/${name} instead of ${group}/${written}.`,
        ],
  );
  return { name, definition, notes };
}

interface KindNames {
  readonly group: string;
  readonly kind: string;
  readonly singular: string;
  readonly plural: string;
}

/** Kubernetes served TPRs by these names, so objects, scripts and clients know them; a CRD must have the same. */
function namesOf(cursor: Cursor): KindNames {
  const name = requiredText(cursor);
  const parts = name.split('.');
  const wanted = 'Name it KIND.DOMAIN.TLD in lower case, e.g. mysql-db.prsn.io';
  const wrong = parts.find((part) => !LABEL.test(part));
  if (wrong !== undefined || name.length > 253) {
    throw broken(cursor, `is "${name}", which is no DNS name${wrong === undefined ? '' : ` ("${wrong}")`}. ${wanted}`);
  }
  const [first = '', ...domain] = parts;
  if (domain.length < 2) throw broken(cursor, `is "${name}", which is too short to hold a kind and a group. ${wanted}`);
  if (!/^[a-z]/.test(first)) throw broken(cursor, `is "${name}"; a kind begins with a letter. ${wanted}`);
  const kind = first
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const singular = kind.toLowerCase();
  return { group: domain.join('.'), kind, singular, plural: pluralOf(singular) };
}

function pluralOf(singular: string): string {
  if (singular.endsWith('s')) return `${singular}es`;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

interface Version {
  readonly written: string;
  /** As a CRD can have it. */
  readonly name: string;
}

/** The newest stable one first: it is what is stored. */
function versionsOf(cursor: Cursor): readonly Version[] {
  const written = itemsOf(cursor).map((one) => ({ name: requiredText(at(one, 'name')), place: at(one, 'name') }));
  if (written.length === 0) throw broken(cursor, 'must name at least one version, e.g. - name: v1');
  for (const [index, { name, place }] of written.entries()) {
    if (!name.split('/').every((part) => LABEL.test(part))) {
      throw broken(place, `is "${name}", which cannot be part of a path. Name it like v1 or v1beta1`);
    }
    if (written.findIndex((other) => other.name === name) !== index) {
      throw broken(place, `names the version "${name}" a second time; remove one`);
    }
  }
  const sorted = written.map(({ name }) => name).sort(newestStableFirst);
  const taken = new Set<string>();
  return sorted.map((version) => {
    const short = version.split('/').at(-1) ?? version;
    // Two that end alike, stable/v1 and experimental/v1: the more stable one gets the short name.
    const name = taken.has(short) ? version.replaceAll('/', '-') : short;
    taken.add(name);
    return { written: version, name };
  });
}

/** By what stands before the slash (nothing or `stable`, beta, anything else), then as Kubernetes orders versions. */
function newestStableFirst(a: string, b: string): number {
  const [first, second] = [rankOf(a), rankOf(b)];
  for (const [index, value] of first.entries()) {
    const other = second[index] ?? 0;
    if (value !== other) return other - value;
  }
  return a < b ? -1 : 1;
}

function rankOf(version: string): readonly number[] {
  const parts = version.split('/');
  const last = parts.at(-1) ?? '';
  const before = parts.slice(0, -1).join('/');
  const maturity = before === '' || before === 'stable' ? 2 : before === 'beta' ? 1 : 0;
  const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(last) ?? [];
  if (major === undefined) return [maturity, -1];
  return [maturity, stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor ?? 0)];
}
