/** What the real server's admission plugin Priority does: a new pod takes its priority from its class. */
import { type Api, resourceOf } from '../api.ts';
import { forbidden } from '../errors.ts';
import { mapAt, stringAt } from '../json.ts';
import { numberAt } from '../kinds/define.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../objects.ts';

const CLASSES = 'scheduling.k8s.io/priorityclasses';

/**
 * Completes a new pod in place. Throws 403 for a class that does not exist or a priority that is not the class's, and for a class (new, or
 * `old` changed) that is to be the default beside another.
 */
export function admitPriority(api: Api, kind: Kind, object: KubeObject, old: KubeObject | undefined): void {
  const refuse = (why: string) => forbidden(resourceOf(kind), object.metadata.name, why);
  if (kind.storageKey === CLASSES && object.globalDefault === true) {
    const other = defaultClass(api)?.metadata.name;
    if (other !== undefined && (old === undefined || other !== object.metadata.name)) {
      throw refuse(`PriorityClass ${other} is already marked as default. Only one default can exist`);
    }
  }
  const spec = kind.storageKey === '/pods' && old === undefined ? mapAt(object, 'spec') : undefined;
  if (spec === undefined) return;
  const asked = stringAt(spec, 'priorityClassName') ?? '';
  const chosen = asked === '' ? defaultClass(api) : api.storage.get(CLASSES, undefined, asked);
  if (asked !== '' && chosen === undefined) throw refuse(`no PriorityClass with name ${asked} was found`);
  if (chosen !== undefined) spec.priorityClassName = chosen.metadata.name;
  const priority = numberAt(chosen, 'value');
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw refuse(
      `the integer value of priority (${String(spec.priority)}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  spec.priority = priority;
  const policy = stringAt(chosen, 'preemptionPolicy');
  if (policy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refuse(
      `the string value of PreemptionPolicy (${String(spec.preemptionPolicy)}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  }
  spec.preemptionPolicy = policy;
}

/** The one with the smallest value, if there are several all the same. */
function defaultClass(api: Api): KubeObject | undefined {
  return api.storage
    .list(CLASSES)
    .filter(({ globalDefault }) => globalDefault === true)
    .sort((a, b) => numberAt(a, 'value') - numberAt(b, 'value'))[0];
}
