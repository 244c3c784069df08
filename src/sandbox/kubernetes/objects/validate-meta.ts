/** The rules for names, labels, annotations, finalizers and owners that hold for every kind. */
import { type Cause, cause } from '../errors.ts';
import { isMap } from '../json.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../objects.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_WORDS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const VALUE_WORDS =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_WORDS =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** All annotations together, keys and values. */
const ANNOTATIONS_LIMIT = 256 * 1024;

export function validateMeta(kind: Kind, object: KubeObject): Cause[] {
  const { metadata } = object;
  const complaints: Cause[] = [...validateName(kind, metadata.name)];
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    complaints.push(...validateKey('metadata.labels', key));
    if (value.length > 63)
      complaints.push(cause.invalid('metadata.labels', value, 'must be no more than 63 characters'));
    if (value !== '' && !QUALIFIED.test(value)) complaints.push(cause.invalid('metadata.labels', value, VALUE_WORDS));
  }
  let size = 0;
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    complaints.push(...validateKey('metadata.annotations', key.toLowerCase()));
    size += key.length + value.length;
  }
  if (size > ANNOTATIONS_LIMIT) complaints.push(cause.tooLong('metadata.annotations', ANNOTATIONS_LIMIT));
  for (const [index, owner] of (metadata.ownerReferences ?? []).entries()) {
    for (const key of ['apiVersion', 'kind', 'name', 'uid']) {
      if (!isMap(owner) || typeof owner[key] !== 'string' || owner[key] === '') {
        complaints.push(cause.invalid(`metadata.ownerReferences[${index}].${key}`, '', 'must not be empty'));
      }
    }
  }
  for (const finalizer of metadata.finalizers ?? []) {
    if (typeof finalizer !== 'string' || finalizer === '') {
      complaints.push(cause.invalid('metadata.finalizers', finalizer, KEY_WORDS));
    } else {
      complaints.push(...validateKey('metadata.finalizers', finalizer));
    }
  }
  return complaints;
}

function validateName(kind: Kind, name: string): Cause[] {
  if (name === '') return [cause.required('metadata.name', 'name or generateName is required')];
  if (kind.group === 'rbac.authorization.k8s.io') return validateSegment(name);
  const isLabel = kind.group === '' && (kind.plural === 'namespaces' || kind.plural === 'services');
  const limit = isLabel ? 63 : 253;
  const complaints: Cause[] = [];
  if (name.length > limit)
    complaints.push(cause.invalid('metadata.name', name, `must be no more than ${limit} characters`));
  if (!(isLabel ? LABEL : SUBDOMAIN).test(name)) {
    complaints.push(cause.invalid('metadata.name', name, isLabel ? LABEL_WORDS : SUBDOMAIN_WORDS));
  }
  return complaints;
}

/** Names of roles and bindings may have colons: anything that can be a segment of a path. */
function validateSegment(name: string): Cause[] {
  if (name === '.' || name === '..') return [cause.invalid('metadata.name', name, `may not be '${name}'`)];
  return ['/', '%'].flatMap((one) =>
    name.includes(one) ? [cause.invalid('metadata.name', name, `may not contain '${one}'`)] : [],
  );
}

function validateKey(field: string, key: string): Cause[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const complaints: Cause[] = [];
  if (parts.length > 2 || !QUALIFIED.test(name)) complaints.push(cause.invalid(field, key, KEY_WORDS));
  if (name.length > 63) complaints.push(cause.invalid(field, key, 'name part must be no more than 63 characters'));
  if (prefix !== undefined && !SUBDOMAIN.test(prefix)) {
    complaints.push(cause.invalid(field, key, `prefix part ${SUBDOMAIN_WORDS}`));
  }
  return complaints;
}
