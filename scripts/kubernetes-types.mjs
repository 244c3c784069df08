// `node scripts/kubernetes-types.mjs DIR`: writes src/sandbox/kubernetes/kinds/schemas/kubernetes.json from the types of Kubernetes
// itself. DIR holds k8s.io/api and k8s.io/apimachinery, as Debian's golang-k8s-api-dev and golang-k8s-apimachinery-dev 0.32 unpack them
// (usr/share/gocode/src/k8s.io). Needed only when the sandbox is to follow a newer Kubernetes.
//
// One row for each type: description, then its fields as [name, protobuf number, type, rules, description]. A field without a name is a
// struct whose fields lie in the outer one in JSON but not in protobuf. Rules: `p` a pointer (zero is a value), `r` required, `k` the keys of a
// list, `t` its type, `m` strategic merge's key, `s` its strategy, `a` an atomic map,
// `d` the default.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('say where k8s.io/api and k8s.io/apimachinery are');

const GROUPS = [
  'core',
  'apps',
  'batch',
  'networking',
  'rbac',
  'coordination',
  'events',
  'policy',
  'discovery',
  'storage',
  'scheduling',
]
  .map((name) => [`${name}.v1`, `api/${name}/v1`])
  .concat([
    ['autoscaling.v1', 'api/autoscaling/v1'],
    ['autoscaling.v2', 'api/autoscaling/v2'],
    ['authorization.v1', 'api/authorization/v1'],
    ['authentication.v1', 'api/authentication/v1'],
    ['meta.v1', 'apimachinery/pkg/apis/meta/v1'],
  ]);
const ROOTS = {
  'core.v1':
    'Namespace ConfigMap Secret Event Service ServiceAccount Pod Node ReplicationController Endpoints PodTemplate PersistentVolume PersistentVolumeClaim ResourceQuota LimitRange Binding',
  'apps.v1': 'Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision',
  'batch.v1': 'Job CronJob',
  'networking.v1': 'Ingress IngressClass NetworkPolicy',
  'rbac.v1': 'Role RoleBinding ClusterRole ClusterRoleBinding',
  'coordination.v1': 'Lease',
  'events.v1': 'Event',
  'policy.v1': 'PodDisruptionBudget Eviction',
  'discovery.v1': 'EndpointSlice',
  'storage.v1': 'StorageClass VolumeAttachment CSIDriver CSINode',
  'scheduling.v1': 'PriorityClass',
  'autoscaling.v1': 'Scale HorizontalPodAutoscaler',
  'autoscaling.v2': 'HorizontalPodAutoscaler',
  'authorization.v1': 'SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview LocalSubjectAccessReview',
  'authentication.v1': 'TokenRequest SelfSubjectReview TokenReview',
  'meta.v1': 'ObjectMeta ListMeta DeleteOptions Status LabelSelector',
};
const PLAIN = {
  string: 'string',
  int: 'int32',
  int16: 'int32',
  uint16: 'int32',
  int32: 'int32',
  int64: 'int64',
  bool: 'bool',
  float32: 'float',
  float64: 'float',
  byte: 'byte',
  'meta.v1.Time': 'time',
  'meta.v1.MicroTime': 'microTime',
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'intOrString',
  'runtime.RawExtension': 'any',
  'meta.v1.FieldsV1': 'any',
  'types.UID': 'string',
  'types.NodeName': 'string',
  'meta.v1.Duration': 'string',
};
const PACKAGES = {
  v1: 'core.v1',
  metav1: 'meta.v1',
  resource: 'resource',
  intstr: 'intstr',
  runtime: 'runtime',
  types: 'types',
  corev1: 'core.v1',
  apiv1: 'core.v1',
};

/** Every struct of one package with its doc, and the other named types. */
function parse(path) {
  const structs = new Map();
  const names = new Map();
  for (const file of readdirSync(join(directory, path))) {
    if (!/types\.go$|^(time|micro_time|resource)\.go$|^toleration\.go$/.test(file)) continue;
    const lines = readFileSync(join(directory, path, file), 'utf8').split('\n');
    let comment = [];
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index];
      const doc = /^\s*\/\/ ?(.*)$/.exec(line);
      if (doc !== null) {
        comment.push(doc[1]);
        continue;
      }
      const struct = /^type (\w+) struct \{/.exec(line);
      const named = /^(?:type )?\s*(\w+) ((?:\[\]|map\[\w+\])?[\w.]+)$/.exec(line.trim());
      if (struct !== null && !/\}$/.test(line)) {
        const fields = [];
        let about = [];
        for (index++; lines[index] !== '}'; index++) {
          const text = lines[index].trim();
          const words = /^\/\/ ?(.*)$/.exec(text);
          if (words !== null) {
            about.push(words[1]);
            continue;
          }
          const match = /^(?:(\w+)\s+)?(\*?(?:\[\])*(?:map\[[\w.]+\])?\*?(?:\[\])?[\w.]+)\s+`(.*)`/.exec(text);
          if (match !== null) fields.push({ type: match[2], tag: match[3], comment: about });
          if (text === '' && about.length > 0 && match === null) about = [];
          if (match !== null) about = [];
        }
        structs.set(struct[1], { fields, comment });
      } else if (line.startsWith('type ') && named !== null) {
        names.set(named[1], named[2]);
      }
      if (line.trim() !== '' || struct !== null) comment = [];
    }
  }
  return { structs, names };
}

const packages = new Map(GROUPS.map(([name, path]) => [name, parse(path)]));
const types = {};

/** The first sentence of a comment. */
function sentence(comment) {
  const end = comment.indexOf('---');
  const words = comment.slice(0, end < 0 ? undefined : end).filter((line) => !/^\s*(\+|TODO)/.test(line));
  const text = words.join(' ').replace(/\s+/g, ' ').replace(/[‘’]/g, "'").trim();
  return /^.*?[.:](?=\s|$)(?<!e\.g\.|i\.e\.)/.exec(text)?.[0].replace(/:$/, '.') ?? text;
}

function resolve(go, group) {
  if (go.startsWith('*')) return resolve(go.slice(1), group);
  if (go === '[]byte') return 'bytes';
  if (go.startsWith('[]')) return `[]${resolve(go.slice(2), group)}`;
  const map = /^map\[[\w.]+\](.*)$/.exec(go);
  if (map !== null) return `{}${resolve(map[1], group)}`;
  if (PLAIN[go] !== undefined) return PLAIN[go];
  const [first, second] = go.split('.');
  const full = second === undefined ? `${group}.${first}` : `${PACKAGES[first] ?? first}.${second}`;
  if (PLAIN[full] !== undefined) return PLAIN[full];
  const cut = full.lastIndexOf('.');
  const [home, name] = [full.slice(0, cut), full.slice(cut + 1)];
  const found = packages.get(home);
  if (found === undefined) throw new Error(`${go} in ${group}: no package ${home}`);
  if (found.names.has(name)) return resolve(found.names.get(name), home);
  return add(home, name);
}

const all = (comment, marker) =>
  comment.flatMap((line) => (line.trim().startsWith(`+${marker}=`) ? [line.trim().slice(marker.length + 2)] : []));

function add(group, name) {
  const full = `${group}.${name}`;
  if (types[full] !== undefined) return full;
  const struct = packages.get(group)?.structs.get(name);
  if (struct === undefined) throw new Error(`no type ${full}`);
  const row = [sentence(struct.comment)];
  types[full] = row;
  for (const { type, tag, comment } of struct.fields) {
    const [json = '', ...options] = (/json:"([^"]*)"/.exec(tag)?.[1] ?? '').split(',');
    const number = Number(/protobuf:"[^,]*,(\d+)/.exec(tag)?.[1] ?? 0);
    if (json === '-' || type.endsWith('TypeMeta')) continue;
    const rules = {};
    const [listType] = all(comment, 'listType');
    const keys = all(comment, 'listMapKey');
    const mergeKey = /patchMergeKey:"([^"]*)"/.exec(tag)?.[1];
    const strategy = /patchStrategy:"([^"]*)"/.exec(tag)?.[1];
    if (type.startsWith('*')) rules.p = 1;
    const optional = options.includes('omitempty') || comment.some((line) => line.trim() === '+optional');
    if (!optional && json !== '') rules.r = 1;
    if (listType !== undefined) rules.t = listType;
    if (keys.length > 0) rules.k = keys;
    if (mergeKey !== undefined) rules.m = mergeKey;
    if (strategy !== undefined) rules.s = strategy;
    const [fallback] = all(comment, 'default');
    if (fallback !== undefined && /^("[^"]*"|\d+|true|false)$/.test(fallback)) rules.d = JSON.parse(fallback);
    if (all(comment, 'mapType').includes('atomic') || all(comment, 'structType').includes('atomic')) rules.a = 1;
    row.push([json, number, resolve(type, group), rules, json === '' ? '' : sentence(comment)]);
  }
  const whole = packages.get(group).structs.get(name).comment;
  if (all(whole, 'structType').includes('atomic')) row[0] = `!${row[0]}`;
  return full;
}

for (const [group, names] of Object.entries(ROOTS)) for (const name of names.split(' ')) add(group, name);

const about =
  'Made by scripts/kubernetes-types.mjs from k8s.io/api and k8s.io/apimachinery 0.32 (Copyright The Kubernetes Authors, Apache-2.0).';
const rows = Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1));
const text = rows.map(([name, row]) => `    ${JSON.stringify(name)}: ${JSON.stringify(row)}`).join(',\n');
writeFileSync(
  new URL('../src/sandbox/kubernetes/kinds/schemas/kubernetes.json', import.meta.url),
  `{\n  "about": ${JSON.stringify(about)},\n  "types": {\n${text}\n  }\n}\n`,
);
