import { type KubernetesApi, z } from 'petrel/sdk';
import { type DatabaseClass, limitsFor, readClass } from './classes.ts';
import { found } from './cluster.ts';
import { mayChoose, policyOf } from './deletion.ts';
import { instanceId, placesOf } from './names.ts';
import { type Plan, Refused } from './plan.ts';
import type { Spec, Subject } from './subject.ts';

export interface Wish {
  readonly owner: { readonly name: string };
  readonly object: Subject;
  readonly spec: Spec;
}

interface Setting {
  readonly kubernetes: KubernetesApi;
  readonly config: unknown;
  readonly signal: AbortSignal;
}

const config = z.object({ master_username: z.string() });

/** What a wish comes to. Throws `Refused` where it cannot be granted as things are. */
export async function planFor({ owner, object, spec }: Wish, setting: Setting): Promise<Plan> {
  const title = `${object.kind} ${object.namespace}/${object.name}`;
  const chosen = await readClass(spec.class, setting);
  if (chosen === undefined) {
    throw new Refused('ClassMissing', `${title} asks for the class "${spec.class}", which is no DatabaseClass here.`);
  }
  if (!mayChoose(chosen, spec.deletionPolicy)) {
    throw new Refused(
      'PolicyNotAllowed',
      `${title} asks for deletionPolicy "${spec.deletionPolicy}", which the class ${spec.class} does not let it choose; ${chosen.deletionPolicy} holds. Leave it out, or choose of: ${chosen.deletionPolicies.join(', ') || 'none'}.`,
    );
  }
  const instanceClass = sizeOf(title, spec, chosen);
  if (chosen.provider === 'server') checkServer(title, spec, chosen);
  const { rds } = chosen;
  const limits = limitsFor(chosen, object.namespace);
  return {
    provider: chosen.provider,
    class: spec.class,
    engine: spec.engine,
    engine_version: spec.engineVersion,
    storage_gb: spec.storageGb,
    deletion_policy: policyOf(chosen, spec.deletionPolicy),
    rotation: spec.credentials.rotation,
    secret: spec.credentials.secret ?? null,
    limits: { databases: limits.databases, storage_gb: limits.storageGb },
    ...placesOf(setting.config, object.namespace, object.name),
    id: instanceId(owner.name),
    username: config.parse(setting.config).master_username,
    instance:
      chosen.provider === 'rds' && instanceClass !== undefined
        ? {
            instance_class: instanceClass,
            multi_az: rds.multiAz,
            storage_type: rds.storageType,
            subnet_group: rds.subnetGroup,
            security_groups: rds.securityGroups,
            parameter_group: rds.parameterGroup,
            backup_retention: rds.backupRetention,
            storage_encrypted: rds.storageEncrypted,
          }
        : null,
    server: chosen.provider === 'server' ? (chosen.server ?? null) : null,
    restore_from: spec.restoreFrom?.snapshot ?? null,
    replica_of: spec.replicaOf === undefined ? null : await sourceOf(title, spec.replicaOf, object, setting),
  };
}

/** The instance class that a size means; undefined where sizes do not matter. */
function sizeOf(title: string, { size, storageGb, class: name }: Spec, { sizes, provider }: DatabaseClass) {
  const known = Object.keys(sizes).join(', ');
  const chosen = Object.hasOwn(sizes, size) ? sizes[size] : undefined;
  if (chosen === undefined && known === '' && provider === 'server') return undefined;
  if (chosen === undefined || (provider === 'rds' && chosen.instanceClass === undefined)) {
    throw new Refused(
      'SizeUnknown',
      `${title} asks for size "${size}", which is not configured in the class ${name}. Sizes: ${known || 'none'}.`,
    );
  }
  if (chosen.maxStorageGb !== undefined && storageGb > chosen.maxStorageGb) {
    throw new Refused(
      'StorageTooLarge',
      `${title} asks for ${storageGb} GB; size "${size}" of the class ${name} has at most ${chosen.maxStorageGb}. Ask for less, or for another size.`,
    );
  }
  return chosen.instanceClass;
}

function checkServer(title: string, spec: Spec, { server }: DatabaseClass): void {
  const { class: name, engine } = spec;
  if (server === undefined) throw new Refused('ClassIncomplete', `The DatabaseClass ${name} says no server.`);
  if (server.engine !== engine && !(isMysql(server.engine) && isMysql(engine))) {
    throw new Refused(
      'EngineUnknown',
      `${title} is for ${engine}, and the server of the class ${name} is ${server.engine}. Choose another class.`,
    );
  }
  const usesSnapshots = spec.restoreFrom !== undefined || spec.deletionPolicy === 'snapshot';
  const cannot = spec.replicaOf !== undefined ? 'replicas' : usesSnapshots ? 'snapshots' : undefined;
  if (cannot !== undefined) {
    throw new Refused('NotOnServer', `${title} needs ${cannot}, which the class ${name} has not: it is one server.`);
  }
}

/** A server of one takes users of the other: they speak the same protocol. */
const isMysql = (engine: string) => engine === 'mysql' || engine === 'mariadb';

const source = z.object({
  metadata: z.object({ uid: z.string() }),
  status: z.object({ outputs: z.object({ provider: z.string(), instance: z.string(), engine: z.string() }) }),
});

/** It is ready: the resource depends on it. */
async function sourceOf(title: string, name: string, object: Subject, { kubernetes, signal }: Setting) {
  const { api_version: apiVersion, kind, namespace } = object;
  if (name === object.name) throw new Refused('SourceUnfit', `${title} cannot be a replica of itself.`);
  const there = await found(kubernetes.get({ apiVersion, kind, namespace, name }, signal));
  const read = source.safeParse(there);
  if (!read.success || read.data.status.outputs.provider !== 'rds') {
    throw new Refused('SourceUnfit', `${title} is to follow ${kind} ${namespace}/${name}, which has no RDS instance.`);
  }
  const { metadata, status } = read.data;
  return { id: status.outputs.instance, uid: metadata.uid };
}
