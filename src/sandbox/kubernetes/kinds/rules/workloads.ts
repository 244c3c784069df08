/** What is wrong with workloads: their selectors, templates and numbers (apps/validation, batch/validation). */
import { type Cause, cause } from '../../errors.ts';
import { equal, listAt, mapAt, valueAt } from '../../json.ts';
import type { KubeObject } from '../../objects.ts';
import { selects } from '../../selectors.ts';
import { podSpecComplaints } from './pods.ts';

function notNegative(object: KubeObject, field: string): Cause[] {
  const value = valueAt(object, ...field.split('.'));
  if (typeof value !== 'number' || value >= 0) return [];
  return [cause.invalid(field, value, 'must be greater than or equal to 0')];
}

/** The rules of everything in apps/v1 that keeps pods by a selector and a template. */
export function validateWorkload(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const complaints = notNegative(object, 'spec.replicas');
  const selector = mapAt(object, 'spec', 'selector');
  const labels = mapAt(object, 'spec', 'template', 'metadata', 'labels') ?? {};
  if (selector === undefined) complaints.push(cause.required('spec.selector'));
  else if (
    Object.keys(mapAt(selector, 'matchLabels') ?? {}).length + listAt(selector, 'matchExpressions').length ===
    0
  ) {
    complaints.push(cause.invalid('spec.selector', selector, 'empty selector is invalid for deployment'));
  } else if (!selects(selector, labels)) {
    complaints.push(
      cause.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    );
  }
  complaints.push(...podSpecComplaints(mapAt(object, 'spec', 'template', 'spec'), 'spec.template.spec', ['Always']));
  if (old !== undefined && !equal(mapAt(old, 'spec', 'selector'), selector)) {
    complaints.push(cause.invalid('spec.selector', selector, 'field is immutable'));
  }
  return complaints;
}

export function validateReplicationController(object: KubeObject): Cause[] {
  const selector = mapAt(object, 'spec', 'selector') ?? {};
  const complaints = notNegative(object, 'spec.replicas');
  if (Object.keys(selector).length === 0) complaints.push(cause.required('spec.selector'));
  const labels = mapAt(object, 'spec', 'template', 'metadata', 'labels') ?? {};
  if (!selects({ matchLabels: selector }, labels)) {
    complaints.push(
      cause.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'),
    );
  }
  complaints.push(...podSpecComplaints(mapAt(object, 'spec', 'template', 'spec'), 'spec.template.spec', ['Always']));
  return complaints;
}

const JOB_POLICIES = ['OnFailure', 'Never'];

export function validateJob(object: KubeObject, old: KubeObject | undefined): Cause[] {
  const complaints = [
    'spec.parallelism',
    'spec.completions',
    'spec.backoffLimit',
    'spec.ttlSecondsAfterFinished',
  ].flatMap((field) => notNegative(object, field));
  complaints.push(...podSpecComplaints(mapAt(object, 'spec', 'template', 'spec'), 'spec.template.spec', JOB_POLICIES));
  if (old === undefined) return complaints;
  for (const part of ['selector', 'template', 'completionMode']) {
    const now = valueAt(object, 'spec', part);
    // A suspended job's template may still be changed in part; the sandbox does not go into that.
    if (!equal(valueAt(old, 'spec', part), now))
      complaints.push(cause.invalid(`spec.${part}`, now, 'field is immutable'));
  }
  return complaints;
}

const SCHEDULE = /^(@\w+( \S+)?|(TZ=\S+ )?\S+( \S+){4})$/;

export function validateCronJob(object: KubeObject): Cause[] {
  const schedule = valueAt(object, 'spec', 'schedule');
  const complaints: Cause[] = [];
  if (typeof schedule !== 'string' || schedule === '') complaints.push(cause.required('spec.schedule'));
  else if (!SCHEDULE.test(schedule.trim())) {
    const found = schedule.trim().split(/\s+/);
    const words = `expected exactly 5 fields, found ${found.length}: [${found.join(' ')}]`;
    complaints.push(cause.invalid('spec.schedule', schedule, words));
  }
  const path = 'spec.jobTemplate.spec.template.spec';
  complaints.push(...podSpecComplaints(valueAt(object, ...path.split('.')), path, JOB_POLICIES));
  return complaints;
}
