/** Pods and their templates: the fields that people write, apply and merge; others are stored as they come. */
import type { Schema } from '../../schema/schema.ts';
import { anything, flag, integer, intOrString, listBy, listOf, long, mapOf, record, text } from './build.ts';
import { conditions, localReference, objectMeta, wholeObject } from './meta.ts';

const probe = anything('A check of the container, by exec, httpGet, tcpSocket or grpc.');

const container = record(
  {
    name: text('Name of the container, a DNS label. Cannot be updated.'),
    image: text('Container image name.'),
    imagePullPolicy: text('One of Always, Never, IfNotPresent.'),
    command: listOf(text(), 'Entrypoint array. Not executed within a shell.'),
    args: listOf(text(), 'Arguments to the entrypoint.'),
    workingDir: text("Container's working directory."),
    env: listBy(['name'], record({ name: text(), value: text(), valueFrom: anything() }), 'Environment variables.'),
    envFrom: listOf(anything(), 'Sources of environment variables.'),
    ports: listBy(
      ['containerPort', 'protocol'],
      record({ containerPort: integer(), protocol: text(), name: text(), hostPort: integer(), hostIP: text() }),
      'Ports to expose from the container.',
    ),
    resources: record(
      { limits: mapOf(intOrString()), requests: mapOf(intOrString()) },
      'Compute resources required by this container.',
    ),
    volumeMounts: listBy(
      ['mountPath'],
      record({ mountPath: text(), name: text(), readOnly: flag(), subPath: text() }),
      "Pod volumes to mount into the container's filesystem.",
    ),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    securityContext: anything('Security options the container should be run with.'),
    lifecycle: anything('Actions in response to container lifecycle events.'),
  },
  'A single application container that you want to run within a pod.',
  ['name'],
);

export const podSpec: Schema = record(
  {
    containers: listBy(['name'], container, 'List of containers belonging to the pod.'),
    initContainers: listBy(['name'], container, 'List of initialization containers belonging to the pod.'),
    volumes: listBy(['name'], record({ name: text('Name of the volume.') }), 'Volumes that containers can mount.'),
    nodeName: text('The node this pod is scheduled onto.'),
    nodeSelector: {
      ...mapOf(text(), 'Labels a node must have for the pod to fit on it.'),
      'x-kubernetes-map-type': 'atomic',
    },
    serviceAccountName: text('Name of the ServiceAccount to use to run this pod.'),
    restartPolicy: text('One of Always, OnFailure, Never.'),
    terminationGracePeriodSeconds: long('Seconds the pod needs to terminate gracefully.'),
    imagePullSecrets: listBy(['name'], localReference, 'Secrets to use for pulling images.'),
    tolerations: listOf(anything(), "The pod's tolerations."),
    affinity: anything("The pod's scheduling constraints."),
    hostAliases: listBy(['ip'], record({ ip: text(), hostnames: listOf(text()) }), "Entries for the pod's hosts file."),
    securityContext: anything('Pod-level security attributes.'),
  },
  'Specification of the desired behavior of the pod.',
);

export const podTemplate: Schema = record({ metadata: objectMeta, spec: podSpec }, 'The pods that will be created.');

export const pod: Schema = wholeObject('Pod is a collection of containers that can run on a host.', {
  spec: podSpec,
  status: record(
    {
      phase: text('Pending, Running, Succeeded, Failed or Unknown.'),
      conditions,
      message: text(),
      reason: text(),
      hostIP: text(),
      podIP: text(),
      containerStatuses: listOf(anything()),
    },
    'Most recently observed status of the pod.',
  ),
});
