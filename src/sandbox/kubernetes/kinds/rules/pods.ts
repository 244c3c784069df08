/** What is wrong with a pod or a template, in the words of the real server (core/validation). */
import { type Cause, cause } from '../../errors.ts';
import { clone, equal, isMap, type Json, listAt, mapAt, stringAt, valueAt } from '../../json.ts';
import type { KubeObject } from '../../objects.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_WORDS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/** `restartPolicies`: those the owner of the template allows. */
export function podSpecComplaints(
  spec: Json | undefined,
  path: string,
  restartPolicies: readonly string[] = ['Always', 'OnFailure', 'Never'],
): Cause[] {
  const complaints: Cause[] = [];
  const containers = listAt(spec, 'containers');
  if (containers.length === 0) complaints.push(cause.required(`${path}.containers`));
  const volumes = new Set<string>();
  for (const [index, volume] of listAt(spec, 'volumes').entries()) {
    const name = stringAt(volume, 'name') ?? '';
    const at = `${path}.volumes[${index}].name`;
    if (name === '') complaints.push(cause.required(at));
    else if (volumes.has(name)) complaints.push(duplicate(at, name));
    volumes.add(name);
  }
  complaints.push(...containerComplaints(containers, `${path}.containers`, volumes));
  complaints.push(...containerComplaints(listAt(spec, 'initContainers'), `${path}.initContainers`, volumes));
  const policy = stringAt(spec, 'restartPolicy') ?? '';
  if (!restartPolicies.includes(policy)) {
    const forJobs = policy === 'Always' && restartPolicies.length === 2;
    const at = `${path}.restartPolicy`;
    complaints.push(
      forJobs
        ? cause.required(at, 'valid values: "OnFailure", "Never"')
        : cause.notSupported(at, policy, restartPolicies),
    );
  }
  return complaints;
}

function duplicate(field: string, value: string): Cause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(value)}`, field };
}

function containerComplaints(containers: readonly Json[], path: string, volumes: ReadonlySet<string>): Cause[] {
  const complaints: Cause[] = [];
  const seen = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const name = stringAt(container, 'name') ?? '';
    const at = `${path}[${index}]`;
    if (name === '') complaints.push(cause.required(`${at}.name`));
    else if (!LABEL.test(name) || name.length > 63) complaints.push(cause.invalid(`${at}.name`, name, LABEL_WORDS));
    if (name !== '' && seen.has(name)) complaints.push(duplicate(`${at}.name`, name));
    seen.add(name);
    if ((stringAt(container, 'image') ?? '') === '') complaints.push(cause.required(`${at}.image`));
    for (const [number, port] of listAt(container, 'ports').entries()) {
      const value = valueAt(port, 'containerPort');
      const where = `${at}.ports[${number}].containerPort`;
      if (value === undefined || value === 0) complaints.push(cause.required(where));
      else if (typeof value === 'number' && (value < 1 || value > 65_535)) {
        complaints.push(cause.invalid(where, value, 'must be between 1 and 65535, inclusive'));
      }
    }
    for (const [number, mount] of listAt(container, 'volumeMounts').entries()) {
      const volume = stringAt(mount, 'name') ?? '';
      if (!volumes.has(volume)) complaints.push(notFoundIn(`${at}.volumeMounts[${number}].name`, volume));
    }
  }
  return complaints;
}

function notFoundIn(field: string, value: string): Cause {
  return { reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(value)}`, field };
}

const MAY_CHANGE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function validatePod(pod: KubeObject, old: KubeObject | undefined): Cause[] {
  const complaints = podSpecComplaints(pod.spec, 'spec');
  if (old === undefined || complaints.length > 0) return complaints;
  const fixed = (object: KubeObject): Json => {
    const spec = clone(mapAt(object, 'spec') ?? {});
    for (const container of [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')]) {
      if (isMap(container)) delete container.image;
    }
    for (const key of ['activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds']) delete spec[key];
    // Scheduling is a change that the API server makes for the scheduler.
    if (mapAt(old, 'spec')?.nodeName === undefined) delete spec.nodeName;
    return spec;
  };
  return equal(fixed(old), fixed(pod)) ? [] : [cause.forbidden('spec', MAY_CHANGE)];
}
