/** Deployments: one replica set for each template they ever had, and a way from the old ones to the new one. */
import { createHash } from 'node:crypto';
import { internalWrite } from '../api.ts';
import { clone, equal, isMap, type Json, type JsonMap, listAt, mapAt, stringAt, valueAt } from '../json.ts';
import { numberAt } from '../kinds/define.ts';
import { createObject } from '../objects/create.ts';
import { deleteObject, plainDelete } from '../objects/delete.ts';
import { isTerminating, type KubeObject, timestamp } from '../objects.ts';
import { selects } from '../selectors.ts';
import {
  attempt,
  type Controller,
  change,
  controller,
  controllerOf,
  keyOfEvent,
  kindOf,
  ownerReference,
  record,
  type World,
  withCondition,
  writeStatus,
} from './controller.ts';
import { isActive, PODS } from './owned-pods.ts';
import { limits, nextOfNew, nextOfOld, type Share } from './rollout.ts';

const DEPLOYMENTS = 'apps/deployments';
const SETS = 'apps/replicasets';
const HASH = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';
const COMPONENT = 'deployment-controller';

export function deployments(world: World): Controller {
  const { api, timers } = world;
  const deadlines = new Map<string, () => void>();

  const self = controller(
    (resource, event) => {
      if (resource === DEPLOYMENTS) return event.type === 'DELETED' ? [] : [keyOfEvent(event)];
      const { namespace } = event.object.metadata;
      if (resource === SETS) {
        const owner = controllerOf(event.object);
        return owner?.kind === 'Deployment' ? [[namespace, owner.name]] : [];
      }
      // Recreate waits until the last old pod is gone.
      if (resource !== PODS || event.type !== 'DELETED') return [];
      const set = controllerOf(event.object);
      const owner = set && controllerOf(api.storage.get(SETS, namespace, set.name) ?? event.object);
      return owner?.kind === 'Deployment' ? [[namespace, owner.name]] : [];
    },
    (namespace, name) => {
      const found = api.storage.get(DEPLOYMENTS, namespace, name);
      if (found !== undefined && !isTerminating(found)) reconcile(found);
    },
  );

  const kind = () => kindOf(api, 'apps', 'deployments');
  const setKind = () => kindOf(api, 'apps', 'replicasets');

  function reconcile(deployment: KubeObject): void {
    const own = claimSets(deployment);
    const fresh = own.find((set) => sameTemplate(set, deployment));
    const old = own.filter((set) => set !== fresh);
    if (valueAt(deployment, 'spec', 'paused') === true) {
      // A paused deployment is still scaled, but rolls nothing out.
      if (fresh !== undefined && old.every((set) => wantedOf(set) === 0))
        scale(deployment, fresh, replicasOf(deployment));
      tell(deployment.metadata.namespace, deployment.metadata.name, fresh?.metadata.name);
      return;
    }
    const current = fresh === undefined ? createSet(deployment, own) : revised(deployment, fresh, own);
    if (current === undefined) return;
    if (stringAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') recreate(deployment, current, old);
    else roll(deployment, current, old);
    if (old.every((set) => wantedOf(set) === 0)) forgetOldest(deployment, old);
    tell(deployment.metadata.namespace, deployment.metadata.name, current.metadata.name);
  }

  function claimSets(deployment: KubeObject): KubeObject[] {
    const selector = mapAt(deployment, 'spec', 'selector') ?? {};
    const owned: KubeObject[] = [];
    for (const set of api.storage.list(SETS, deployment.metadata.namespace)) {
      const owner = controllerOf(set);
      if (owner !== undefined) {
        if (owner.uid === deployment.metadata.uid) owned.push(set);
      } else if (selects(selector, set.metadata.labels ?? {}) && !isTerminating(set)) {
        const adopt = (one: KubeObject): KubeObject => ({
          ...one,
          metadata: {
            ...one.metadata,
            ownerReferences: [...(one.metadata.ownerReferences ?? []), ownerReference(deployment)],
          },
        });
        attempt(() => owned.push(change(api, setKind(), set, adopt)));
      }
    }
    return owned.sort((a, b) => revisionOf(a) - revisionOf(b));
  }

  function createSet(deployment: KubeObject, all: readonly KubeObject[]): KubeObject | undefined {
    const template = clone(mapAt(deployment, 'spec', 'template') ?? {});
    const hash = templateHash(template);
    const labels = { ...mapAt(template, 'metadata', 'labels'), [HASH]: hash };
    const revision = nextRevision(all);
    const { matchLabels, ...selector } = mapAt(deployment, 'spec', 'selector') ?? {};
    const { namespace, name } = deployment.metadata;
    const shares = all.map(shareOf);
    const rollout = rolloutOf(deployment);
    const recreates = stringAt(deployment, 'spec', 'strategy', 'type') === 'Recreate';
    const replicas =
      recreates && all.some((set) => wantedOf(set) > 0)
        ? 0
        : nextOfNew(rollout, { name: '', wanted: 0, available: 0 }, shares);
    const set: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        labels: textMap(labels),
        annotations: { ...inherited(deployment), ...sizes(deployment), [REVISION]: String(revision) },
        ownerReferences: [ownerReference(deployment)],
      },
      spec: {
        replicas,
        ...(numberAt(deployment, 'spec.minReadySeconds') === 0
          ? {}
          : { minReadySeconds: numberAt(deployment, 'spec.minReadySeconds') }),
        selector: { ...selector, matchLabels: { ...(isMap(matchLabels) ? matchLabels : {}), [HASH]: hash } },
        template: { ...template, metadata: { ...mapAt(template, 'metadata'), labels } },
      },
    };
    let made: KubeObject | undefined;
    attempt(() => {
      made = createObject(api, setKind(), namespace, set, internalWrite);
      say(deployment, `Scaled up replica set ${set.metadata.name} from 0 to ${replicas}`);
    });
    if (made !== undefined) annotate(deployment, revision);
    return made;
  }

  /** The replica set of the present template, with the newest revision: a roll-back makes an old one new again. */
  function revised(deployment: KubeObject, fresh: KubeObject, all: readonly KubeObject[]): KubeObject {
    const others = all.filter((set) => set !== fresh);
    const wanted = Math.max(revisionOf(fresh), nextRevision(others));
    const annotations: { [key: string]: string } = {
      ...fresh.metadata.annotations,
      ...inherited(deployment),
      ...sizes(deployment),
      [REVISION]: String(wanted),
    };
    if (revisionOf(fresh) !== wanted) {
      const history = fresh.metadata.annotations?.['deployment.kubernetes.io/revision-history'];
      annotations['deployment.kubernetes.io/revision-history'] = [history, String(revisionOf(fresh))]
        .filter(Boolean)
        .join(',');
    }
    annotate(deployment, wanted);
    if (equal(annotations, fresh.metadata.annotations)) return fresh;
    return change(api, setKind(), fresh, (old) => ({ ...old, metadata: { ...old.metadata, annotations } }));
  }

  function annotate(deployment: KubeObject, revision: number): void {
    if (deployment.metadata.annotations?.[REVISION] === String(revision)) return;
    change(api, kind(), deployment, (old) => ({
      ...old,
      metadata: { ...old.metadata, annotations: { ...old.metadata.annotations, [REVISION]: String(revision) } },
    }));
  }

  function recreate(deployment: KubeObject, fresh: KubeObject, old: readonly KubeObject[]): void {
    for (const set of old) scale(deployment, set, 0);
    const uids = new Set(old.map((set) => set.metadata.uid));
    const left = api.storage
      .list(PODS, deployment.metadata.namespace)
      .some((pod) => uids.has(controllerOf(pod)?.uid) && (isActive(pod) || isTerminating(pod)));
    if (!left) scale(deployment, fresh, replicasOf(deployment));
  }

  function roll(deployment: KubeObject, fresh: KubeObject, old: readonly KubeObject[]): void {
    const rollout = rolloutOf(deployment);
    const wanted = nextOfNew(rollout, shareOf(fresh), old.map(shareOf));
    if (wanted !== wantedOf(fresh)) {
      scale(deployment, fresh, wanted);
      return;
    }
    const next = nextOfOld(rollout, shareOf(fresh), old.map(shareOf));
    for (const set of old) scale(deployment, set, next.get(set.metadata.name) ?? 0);
  }

  function scale(deployment: KubeObject, set: KubeObject, replicas: number): void {
    const before = wantedOf(set);
    if (before === replicas) return;
    change(api, setKind(), set, (old) => ({
      ...old,
      spec: { ...mapAt(old, 'spec'), replicas },
      metadata: { ...old.metadata, annotations: { ...old.metadata.annotations, ...sizes(deployment) } },
    }));
    const way = replicas > before ? 'up' : 'down';
    say(deployment, `Scaled ${way} replica set ${set.metadata.name} from ${before} to ${replicas}`);
  }

  function say(deployment: KubeObject, message: string): void {
    record(world, deployment, { reason: 'ScalingReplicaSet', message, component: COMPONENT });
  }

  function forgetOldest(deployment: KubeObject, old: readonly KubeObject[]): void {
    const limit = valueAt(deployment, 'spec', 'revisionHistoryLimit');
    if (typeof limit !== 'number') return;
    const idle = old.filter(
      (set) => wantedOf(set) === 0 && numberAt(set, 'status.replicas') === 0 && !isTerminating(set),
    );
    for (const set of idle.slice(0, Math.max(0, idle.length - limit))) {
      attempt(() => deleteObject(api, setKind(), set.metadata.namespace, set.metadata.name, plainDelete));
    }
  }

  function tell(namespace: string | undefined, name: string, freshName: string | undefined): void {
    const deployment = api.storage.get(DEPLOYMENTS, namespace, name);
    if (deployment === undefined) return;
    const sets = api.storage.list(SETS, namespace).filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
    const fresh = sets.find((set) => set.metadata.name === freshName);
    const total = (path: string) => sets.reduce((sum, set) => sum + numberAt(set, path), 0);
    const replicas = replicasOf(deployment);
    const counts = {
      replicas: total('status.replicas'),
      updatedReplicas: fresh === undefined ? 0 : numberAt(fresh, 'status.replicas'),
      readyReplicas: total('status.readyReplicas'),
      availableReplicas: total('status.availableReplicas'),
    };
    const unavailable = Math.max(0, total('spec.replicas') - counts.availableReplicas);
    const complete =
      counts.updatedReplicas === replicas && counts.replicas === replicas && counts.availableReplicas === replicas;
    const status: JsonMap = { observedGeneration: deployment.metadata.generation ?? 1 };
    for (const [key, value] of Object.entries({ ...counts, unavailableReplicas: unavailable })) {
      if (value > 0) status[key] = value;
    }
    status.conditions = conditionsOf(deployment, counts, complete, fresh);
    writeStatus(api, kind(), deployment, status);
  }

  function conditionsOf(
    deployment: KubeObject,
    counts: { readonly availableReplicas: number; readonly updatedReplicas: number; readonly replicas: number },
    complete: boolean,
    fresh: KubeObject | undefined,
  ): Json[] {
    const now = api.now();
    const before = listAt(deployment, 'status', 'conditions').filter(isMap);
    const { maxUnavailable } = rolloutOf(deployment);
    const enough = counts.availableReplicas >= replicasOf(deployment) - maxUnavailable;
    const stamp = { lastUpdateTime: timestamp(now) };
    let conditions = withCondition(
      before,
      enough
        ? {
            type: 'Available',
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.',
          }
        : {
            type: 'Available',
            status: 'False',
            reason: 'MinimumReplicasUnavailable',
            message: 'Deployment does not have minimum availability.',
          },
      now,
      stamp,
    );
    const progressing = progressOf(deployment, counts, complete, fresh, before);
    if (progressing !== undefined) conditions = withCondition(conditions, progressing, now, stamp);
    return conditions;
  }

  function progressOf(
    deployment: KubeObject,
    counts: { readonly availableReplicas: number; readonly updatedReplicas: number; readonly replicas: number },
    complete: boolean,
    fresh: KubeObject | undefined,
    before: readonly JsonMap[],
  ) {
    const uid = deployment.metadata.uid ?? '';
    const set = fresh?.metadata.name ?? '';
    const known = before.find((one) => one.type === 'Progressing');
    if (valueAt(deployment, 'spec', 'paused') === true) {
      deadlines.get(uid)?.();
      const message = 'Deployment is paused';
      return { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message };
    }
    if (complete) {
      deadlines.get(uid)?.();
      deadlines.delete(uid);
      const message = `ReplicaSet "${set}" has successfully progressed.`;
      return { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message };
    }
    const moved =
      counts.updatedReplicas !== numberAt(deployment, 'status.updatedReplicas') ||
      counts.availableReplicas > numberAt(deployment, 'status.availableReplicas') ||
      deployment.metadata.generation !== valueAt(deployment, 'status', 'observedGeneration');
    if (!moved && known !== undefined && deadlines.has(uid)) return undefined;
    if (known?.reason === 'ProgressDeadlineExceeded' && !moved) return undefined;
    startDeadline(deployment, uid);
    const message = `ReplicaSet "${set}" is progressing.`;
    return { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message };
  }

  /** Without progress for so long the roll-out counts as failed; nothing else follows from it. */
  function startDeadline(deployment: KubeObject, uid: string): void {
    deadlines.get(uid)?.();
    const { namespace, name } = deployment.metadata;
    const seconds = numberAt(deployment, 'spec.progressDeadlineSeconds');
    const cancel = timers.after(seconds * 1000, () => {
      deadlines.delete(uid);
      const late = api.storage.get(DEPLOYMENTS, namespace, name);
      if (late === undefined || late.metadata.uid !== uid) return;
      const set = listAt(late, 'status', 'conditions')
        .filter(isMap)
        .find((one) => one.type === 'Progressing');
      const about = /"(.*)"/.exec(String(set?.message ?? ''))?.[1] ?? '';
      const condition = {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `ReplicaSet "${about}" has timed out progressing.`,
      };
      const conditions = withCondition(listAt(late, 'status', 'conditions').filter(isMap), condition, api.now(), {
        lastUpdateTime: timestamp(api.now()),
      });
      writeStatus(api, kind(), late, { ...mapAt(late, 'status'), conditions });
    });
    deadlines.set(uid, cancel);
  }

  return self;
}

const replicasOf = (deployment: KubeObject) => numberAt(deployment, 'spec.replicas');
const wantedOf = (set: KubeObject) => numberAt(set, 'spec.replicas');
const revisionOf = (set: KubeObject) => Number(set.metadata.annotations?.[REVISION] ?? 0);
const nextRevision = (sets: readonly KubeObject[]) => Math.max(0, ...sets.map(revisionOf)) + 1;

function shareOf(set: KubeObject): Share {
  return { name: set.metadata.name, wanted: wantedOf(set), available: numberAt(set, 'status.availableReplicas') };
}

function rolloutOf(deployment: KubeObject) {
  const update = mapAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  if (update === undefined) return { replicas: replicasOf(deployment), maxSurge: 0, maxUnavailable: 0 };
  return limits(update.maxSurge, update.maxUnavailable, replicasOf(deployment));
}

/** What a replica set has of its deployment's annotations. */
function inherited(deployment: KubeObject): { [key: string]: string } {
  const kept = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) =>
      key !== 'kubectl.kubernetes.io/last-applied-configuration' && !key.startsWith('deployment.kubernetes.io/'),
  );
  return Object.fromEntries(kept);
}

function sizes(deployment: KubeObject): { [key: string]: string } {
  const { replicas, maxSurge } = rolloutOf(deployment);
  return {
    'deployment.kubernetes.io/desired-replicas': String(replicas),
    'deployment.kubernetes.io/max-replicas': String(replicas + maxSurge),
  };
}

function sameTemplate(set: KubeObject, deployment: KubeObject): boolean {
  const template = clone(mapAt(set, 'spec', 'template') ?? {});
  const labels = mapAt(template, 'metadata', 'labels');
  if (labels !== undefined) delete labels[HASH];
  return equal(template, mapAt(deployment, 'spec', 'template'));
}

/** Letters without vowels, as the real controller's hashes, so that no word comes of them. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

function templateHash(template: Json): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(template)))
    .digest();
  return [...digest.subarray(0, 10)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** The same template has the same hash however its author ordered it. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.flatMap((key) => (value[key] === undefined ? [] : [[key, sorted(value[key] ?? null)]])),
  );
}

function textMap(map: JsonMap): { [key: string]: string } {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value)]));
}
