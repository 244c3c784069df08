/** CustomResourceDefinitions as objects: their defaults, their rules, and the kinds they declare. */
import { type Cause, cause } from '../errors.ts';
import { isMap, type Json, listAt, mapAt, setAt, stringAt, valueAt } from '../json.ts';
import { compileJsonPath } from '../json-path.ts';
import type { KubeObject } from '../objects.ts';
import { isSchema } from '../schema/schema.ts';
import { schemaComplaints } from '../schema/structural.ts';
import { declaredColumns } from './columns.ts';
import { fieldReader, type Kind, type ScalePaths } from './kind.ts';

export function prepareCustomResourceDefinition(crd: KubeObject, old: KubeObject | undefined): void {
  const kind = stringAt(crd, 'spec', 'names', 'kind') ?? '';
  const missing = (path: readonly string[], value: Json) => {
    if (valueAt(crd, ...path) === undefined) setAt(crd, path, value);
  };
  if (isMap(crd.spec)) {
    missing(['spec', 'names', 'singular'], kind.toLowerCase());
    missing(['spec', 'names', 'listKind'], `${kind}List`);
    missing(['spec', 'conversion', 'strategy'], 'None');
  }
  const storage = storageVersion(crd);
  if (old === undefined) {
    crd.status = {
      conditions: [],
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storage === undefined ? [] : [storage],
    };
  } else if (storage !== undefined) {
    const stored = listAt(crd, 'status', 'storedVersions');
    if (!stored.includes(storage)) setAt(crd, ['status', 'storedVersions'], [...stored, storage]);
  }
}

function storageVersion(crd: KubeObject): string | undefined {
  return stringAt(
    listAt(crd, 'spec', 'versions').find((version) => valueAt(version, 'storage') === true),
    'name',
  );
}

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

export function validateCustomResourceDefinition(crd: KubeObject, old: KubeObject | undefined): Cause[] {
  const complaints: Cause[] = [];
  const group = stringAt(crd, 'spec', 'group') ?? '';
  const plural = stringAt(crd, 'spec', 'names', 'plural') ?? '';
  const scope = stringAt(crd, 'spec', 'scope');
  if (group === '') complaints.push(cause.required('spec.group'));
  else if (!group.includes('.'))
    complaints.push(cause.invalid('spec.group', group, 'should be a domain with at least one dot'));
  if (plural === '') complaints.push(cause.required('spec.names.plural'));
  else if (!LABEL.test(plural))
    complaints.push(
      cause.invalid(
        'spec.names.plural',
        plural,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-'",
      ),
    );
  if ((stringAt(crd, 'spec', 'names', 'kind') ?? '') === '') complaints.push(cause.required('spec.names.kind'));
  if (scope === undefined) complaints.push(cause.required('spec.scope'));
  else if (scope !== 'Cluster' && scope !== 'Namespaced') {
    complaints.push(cause.notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
  }
  if (crd.metadata.name !== `${plural}.${group}`) {
    complaints.push(cause.invalid('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (valueAt(crd, 'spec', 'preserveUnknownFields') === true) {
    complaints.push(
      cause.invalid(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  }
  complaints.push(...versionComplaints(listAt(crd, 'spec', 'versions')));
  for (const path of [
    ['spec', 'group'],
    ['spec', 'scope'],
    ['spec', 'names', 'plural'],
    ['spec', 'names', 'kind'],
  ]) {
    const before = old === undefined ? undefined : valueAt(old, ...path);
    const now = valueAt(crd, ...path);
    if (before !== undefined && before !== now)
      complaints.push(cause.invalid(path.join('.'), now, 'field is immutable'));
  }
  return complaints;
}

function versionComplaints(versions: readonly Json[]): Cause[] {
  const complaints: Cause[] = [];
  const storing = versions.filter((version) => valueAt(version, 'storage') === true).length;
  if (storing !== 1) {
    complaints.push(
      cause.invalid('spec.versions', versions.length, 'must have exactly one version marked as storage version'),
    );
  }
  const names = versions.map((version) => stringAt(version, 'name') ?? '');
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    const name = names[index] ?? '';
    if (!LABEL.test(name))
      complaints.push(
        cause.invalid(
          `${path}.name`,
          name,
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-'",
        ),
      );
    if (names.indexOf(name) !== index) complaints.push(cause.invalid(`${path}.name`, name, 'must be unique'));
    const schema = mapAt(version, 'schema', 'openAPIV3Schema');
    if (schema === undefined) complaints.push(cause.required(`${path}.schema.openAPIV3Schema`, 'schemas are required'));
    else complaints.push(...schemaComplaints(schema, `${path}.schema.openAPIV3Schema`));
  }
  return complaints;
}

/** The kinds a CRD declares, one for each served version. */
export function declaredKinds(crd: KubeObject): Kind[] {
  const group = stringAt(crd, 'spec', 'group') ?? '';
  const names = mapAt(crd, 'spec', 'names') ?? {};
  const plural = stringAt(names, 'plural') ?? '';
  const kind = stringAt(names, 'kind') ?? '';
  return listAt(crd, 'spec', 'versions').flatMap((version) => {
    const name = stringAt(version, 'name');
    if (name === undefined || valueAt(version, 'served') !== true) return [];
    const schema = valueAt(version, 'schema', 'openAPIV3Schema');
    const scale = scalePaths(version);
    return [
      {
        group,
        version: name,
        apiVersion: `${group}/${name}`,
        kind,
        listKind: stringAt(names, 'listKind') ?? `${kind}List`,
        plural,
        singular: stringAt(names, 'singular') ?? kind.toLowerCase(),
        shortNames: strings(listAt(names, 'shortNames')),
        categories: strings(listAt(names, 'categories')),
        namespaced: valueAt(crd, 'spec', 'scope') === 'Namespaced',
        storageKey: `${group}/${plural}`,
        listed: true,
        hasStatus: mapAt(version, 'subresources', 'status') !== undefined,
        ...(scale === undefined ? {} : { scale }),
        ...(isSchema(schema) ? { schema } : {}),
        custom: true,
        columns: declaredColumns(listAt(version, 'additionalPrinterColumns')),
        readField: fieldReader(selectableFields(version)),
        hooks: {},
      },
    ];
  });
}

function strings(list: readonly Json[]): string[] {
  return list.filter((item) => typeof item === 'string');
}

function scalePaths(version: Json): ScalePaths | undefined {
  const path = (name: string): string[] | undefined =>
    stringAt(version, 'subresources', 'scale', name)?.split('.').slice(1);
  const specReplicas = path('specReplicasPath');
  const statusReplicas = path('statusReplicasPath');
  if (specReplicas === undefined || statusReplicas === undefined) return undefined;
  const labelSelector = path('labelSelectorPath');
  return { specReplicas, statusReplicas, ...(labelSelector === undefined ? {} : { labelSelector }) };
}

function selectableFields(version: Json): Record<string, (object: KubeObject) => string> {
  const fields = listAt(version, 'selectableFields').flatMap((field) => {
    const path = stringAt(field, 'jsonPath') ?? '';
    const find = compileJsonPath(path);
    if (find === undefined) return [];
    const read = (object: KubeObject): string => {
      const [first] = find(object);
      return first === undefined || first === null ? '' : String(first);
    };
    return [[path.replace(/^\./, ''), read] as const];
  });
  return Object.fromEntries(fields);
}
