/**
 * Field numbers of the messages that clients send (k8s.io/api and apimachinery, generated.proto). Written `NAME:NUMBER[:TYPE]`; no type is a string, `[]T` a
 * list, `{}T` a map by strings, and `?` after a type keeps a zero, which otherwise is the same as absent.
 */
const DEFINITIONS: Readonly<Record<string, string>> = {
  ObjectMeta:
    'name:1 generateName:2 namespace:3 selfLink:4 uid:5 resourceVersion:6 generation:7:int creationTimestamp:8:time deletionTimestamp:9:time deletionGracePeriodSeconds:10:int? labels:11:{}string annotations:12:{}string ownerReferences:13:[]OwnerReference finalizers:14:[]string',
  OwnerReference: 'kind:1 name:3 uid:4 apiVersion:5 controller:6:bool? blockOwnerDeletion:7:bool?',
  ObjectReference: 'kind:1 namespace:2 name:3 uid:4 apiVersion:5 resourceVersion:6 fieldPath:7',
  LocalObjectReference: 'name:1',
  LabelSelector: 'matchLabels:1:{}string matchExpressions:2:[]LabelSelectorRequirement',
  LabelSelectorRequirement: 'key:1 operator:2 values:3:[]string',
  DeleteOptions:
    'gracePeriodSeconds:1:int? preconditions:2:Preconditions orphanDependents:3:bool? propagationPolicy:4 dryRun:5:[]string',
  Preconditions: 'uid:1 resourceVersion:2',

  Namespace: 'metadata:1:ObjectMeta spec:2:NamespaceSpec status:3:NamespaceStatus',
  NamespaceSpec: 'finalizers:1:[]string',
  NamespaceStatus: 'phase:1',
  ConfigMap: 'metadata:1:ObjectMeta data:2:{}string binaryData:3:{}bytes immutable:4:bool?',
  Secret: 'metadata:1:ObjectMeta data:2:{}bytes type:3 stringData:4:{}string immutable:5:bool?',
  ServiceAccount:
    'metadata:1:ObjectMeta secrets:2:[]ObjectReference imagePullSecrets:3:[]LocalObjectReference automountServiceAccountToken:4:bool?',
  Service: 'metadata:1:ObjectMeta spec:2:ServiceSpec status:3:ServiceStatus',
  ServiceSpec:
    'ports:1:[]ServicePort selector:2:{}string clusterIP:3 type:4 externalIPs:5:[]string sessionAffinity:7 loadBalancerIP:8 loadBalancerSourceRanges:9:[]string externalName:10 externalTrafficPolicy:11 healthCheckNodePort:12:int publishNotReadyAddresses:13:bool ipFamilyPolicy:17 clusterIPs:18:[]string ipFamilies:19:[]string loadBalancerClass:21 internalTrafficPolicy:22',
  ServicePort: 'name:1 protocol:2 port:3:int targetPort:4:intOrString nodePort:5:int appProtocol:6',
  ServiceStatus: 'loadBalancer:1:Empty',
  Empty: '',

  Event:
    'metadata:1:ObjectMeta involvedObject:2:ObjectReference reason:3 message:4 source:5:EventSource firstTimestamp:6:time lastTimestamp:7:time count:8:int type:9 eventTime:10:microTime series:11:EventSeries action:12 related:13:ObjectReference reportingComponent:14 reportingInstance:15',
  EventSource: 'component:1 host:2',
  EventSeries: 'count:1:int lastObservedTime:2:microTime',
  Lease: 'metadata:1:ObjectMeta spec:2:LeaseSpec',
  LeaseSpec:
    'holderIdentity:1 leaseDurationSeconds:2:int? acquireTime:3:microTime renewTime:4:microTime leaseTransitions:5:int?',

  Pod: 'metadata:1:ObjectMeta spec:2:PodSpec status:3:PodStatus',
  PodStatus: 'phase:1 message:3 reason:4 hostIP:5 podIP:6',
  PodTemplateSpec: 'metadata:1:ObjectMeta spec:2:PodSpec',
  PodSpec:
    'containers:2:[]Container restartPolicy:3 terminationGracePeriodSeconds:4:int? activeDeadlineSeconds:5:int? dnsPolicy:6 nodeSelector:7:{}string serviceAccountName:8 serviceAccount:9 nodeName:10 hostNetwork:11:bool hostPID:12:bool hostIPC:13:bool securityContext:14:Empty imagePullSecrets:15:[]LocalObjectReference hostname:16 subdomain:17 schedulerName:19 initContainers:20:[]Container automountServiceAccountToken:21:bool?',
  Container:
    'name:1 image:2 command:3:[]string args:4:[]string workingDir:5 ports:6:[]ContainerPort env:7:[]EnvVar resources:8:ResourceRequirements volumeMounts:9:[]VolumeMount terminationMessagePath:13 imagePullPolicy:14 stdin:16:bool stdinOnce:17:bool tty:18:bool terminationMessagePolicy:20',
  ContainerPort: 'name:1 hostPort:2:int containerPort:3:int protocol:4 hostIP:5',
  EnvVar: 'name:1 value:2',
  ResourceRequirements: 'limits:1:{}quantity requests:2:{}quantity',
  VolumeMount: 'name:1 readOnly:2:bool mountPath:3 subPath:4',
  Deployment: 'metadata:1:ObjectMeta spec:2:DeploymentSpec status:3:WorkloadStatus',
  DeploymentSpec:
    'replicas:1:int? selector:2:LabelSelector template:3:PodTemplateSpec strategy:4:DeploymentStrategy minReadySeconds:5:int revisionHistoryLimit:6:int? paused:7:bool progressDeadlineSeconds:9:int?',
  DeploymentStrategy: 'type:1 rollingUpdate:2:RollingUpdate',
  RollingUpdate: 'maxUnavailable:1:intOrString maxSurge:2:intOrString',
  ReplicaSet: 'metadata:1:ObjectMeta spec:2:ReplicaSetSpec status:3:WorkloadStatus',
  ReplicaSetSpec: 'replicas:1:int? selector:2:LabelSelector template:3:PodTemplateSpec minReadySeconds:4:int',
  // Clients create workloads with an empty status only.
  WorkloadStatus:
    'observedGeneration:1:int replicas:2:int updatedReplicas:3:int availableReplicas:4:int unavailableReplicas:5:int readyReplicas:7:int',
};

export interface MessageField {
  readonly name: string;
  readonly type: string;
  readonly form: 'one' | 'list' | 'map';
  readonly keepsZero: boolean;
}

export type Message = ReadonlyMap<number, MessageField>;

function compiled(definition: string): Message {
  const fields = definition.split(' ').filter((field) => field !== '');
  return new Map(
    fields.map((field) => {
      const [name = '', number = '', type = 'string'] = field.split(':');
      const form = type.startsWith('[]') ? 'list' : type.startsWith('{}') ? 'map' : 'one';
      const bare = type.replace(/^(\[\]|\{\})/, '').replace(/\?$/, '');
      return [Number(number), { name, type: bare, form, keepsZero: type.endsWith('?') }];
    }),
  );
}

/** The messages by name. */
export const messages: ReadonlyMap<string, Message> = new Map(
  Object.entries(DEFINITIONS).map(([name, definition]) => [name, compiled(definition)]),
);
