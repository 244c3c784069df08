import type { KubernetesObject } from '../sdk/index.ts';
import type { HandledObject } from '../store/index.ts';
import type { BoundTrigger } from './kubernetes-triggers.ts';
import { createProjection, type FieldPath, project } from './projection.ts';

/** What is kept of an object whose state was handled. */
export type Summarise = (object: KubernetesObject) => HandledObject['summary'];

/**
 * What a synthesised DELETED will show, and what the next state is compared with: the fields that rules name. For a rule that names none
 * metadata (without managed fields) and the spec.
 */
export function createSummarise(triggers: readonly BoundTrigger[]): Summarise {
  const named = triggers.flatMap(({ fields }) => fields ?? []);
  const isWhole = triggers.length === 0 || triggers.some(({ fields }) => fields === undefined);
  const usual = createProjection(isWhole ? [...named, ['metadata'], ['spec']] : named);
  return (object) => {
    const projection = isWhole && keepsAll(object) ? createProjection([...named, ...wishesOf(object)]) : usual;
    return project(object, projection) as unknown as HandledObject['summary']; // it was parsed from JSON, so JSON is all it can hold
  };
}

/** Objects of 2016 (ThirdPartyResources) kept their wishes beside metadata; other kinds without a spec may hold secrets. */
function keepsAll(object: KubernetesObject): boolean {
  return object.spec === undefined && isCustom(object.apiVersion);
}

function wishesOf(object: KubernetesObject): readonly FieldPath[] {
  return Object.keys(object)
    .filter((name) => name !== 'status')
    .map((name) => [name]);
}

/** Kubernetes' own groups have no dot or end in k8s.io. */
function isCustom(apiVersion: string): boolean {
  const group = apiVersion.split('/')[0] ?? '';
  return apiVersion.includes('/') && group.includes('.') && !group.endsWith('.k8s.io');
}
