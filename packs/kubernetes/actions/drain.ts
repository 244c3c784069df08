import { defineAction, type KubernetesApi, type KubernetesObject, z } from 'petrel/sdk';
import { judge } from '../lib/draining.ts';
import { ask, askFor, isRefusedForNow, RETRY } from '../lib/errors.ts';
import { readField } from '../lib/field-path.ts';
import { nodeParameters, setSchedulable } from '../lib/nodes.ts';
import { poll } from '../lib/polling.ts';

const podName = z.object({ namespace: z.string(), name: z.string() });

export default defineAction({
  description:
    'Empties a node: keeps new pods away and evicts those that are there, as far as PodDisruptionBudgets let it.',
  retry: RETRY,
  timeout: 7260,
  input: z.object({
    ...nodeParameters,
    ignore_daemonsets: z
      .boolean()
      .default(true)
      .describe('Leave the pods of DaemonSets where they are; false: refuse.'),
    delete_emptydir_data: z.boolean().default(false).describe('Evict pods whose local data would be lost.'),
    force: z.boolean().default(false).describe('Evict pods that nothing starts again.'),
    pod_selector: z.string().nullish().describe('Only pods with these labels.'),
    grace_period: z.number().int().min(0).nullish().describe("Seconds a pod gets to end. Default: the pod's own."),
    timeout: z.number().positive().max(7200).default(900).describe('Seconds.'),
  }),
  output: z.object({
    evicted: z.array(podName),
    skipped: z.array(podName.extend({ reason: z.string() })),
  }),
  async run({ input, kubernetes, logger, signal }) {
    await setSchedulable(kubernetes, input.name, false, signal);
    const pods = await ask(
      kubernetes.list('v1', 'Pod', {
        fieldSelector: `spec.nodeName=${input.name}`,
        signal,
        ...(typeof input.pod_selector === 'string' ? { labelSelector: input.pod_selector } : {}),
      }),
    );
    const rules = {
      ignoreDaemonSets: input.ignore_daemonsets,
      deleteEmptyDirData: input.delete_emptydir_data,
      force: input.force,
    };
    const judged = pods.map((pod) => ({ pod, verdict: judge(pod, rules) }));
    const obstacles = judged.flatMap(({ pod, verdict }) =>
      verdict.kind === 'obstacle' ? [`${nameOf(pod)}: ${verdict.reason}`] : [],
    );
    if (obstacles.length > 0) {
      throw new Error(`Node ${input.name} takes no new pods now, but was not emptied. ${obstacles.join('; ')}.`);
    }
    const wanted = judged.flatMap(({ pod, verdict }) => (verdict.kind === 'evict' ? [pod] : []));
    const version = wanted.length === 0 ? '' : await evictionVersion(kubernetes, signal);
    const deadline = Date.now() + input.timeout * 1000;
    const evict = async (pod: KubernetesObject) => {
      let why = 'it has not ended yet';
      const look = async () => {
        const said = await askToGo(kubernetes, pod, version, input.grace_period ?? undefined, signal);
        if (said !== undefined && said !== why) logger.info(`${nameOf(pod)} stays for now: ${said}`);
        if (said !== undefined) why = said;
        else if (await isGone(kubernetes, pod, signal)) return true;
        else why = 'it has not ended yet';
        return undefined;
      };
      const gone = await poll(look, { timeout: Math.max(0, (deadline - Date.now()) / 1000), signal });
      if (gone !== undefined) logger.info(`${nameOf(pod)} is gone`);
      return gone === undefined ? `${nameOf(pod)}: ${why}` : undefined;
    };
    const left = (await Promise.all(wanted.map(evict))).filter((one) => one !== undefined);
    if (left.length > 0) {
      throw new Error(`Node ${input.name} was not emptied within ${input.timeout} s. ${left.join('; ')}.`);
    }
    return {
      evicted: wanted.map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name })),
      skipped: judged.flatMap(({ pod, verdict }) =>
        verdict.kind === 'skip'
          ? [{ namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, reason: verdict.reason }]
          : [],
      ),
    };
  },
});

function nameOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** The version of Eviction that the server takes (`policy/v1` since 1.22), as it lists it beside the pods. */
async function evictionVersion(kubernetes: KubernetesApi, signal: AbortSignal): Promise<string> {
  const served = readField(await ask(kubernetes.request({ path: '/api/v1', signal })), 'resources');
  const list: readonly unknown[] = Array.isArray(served) ? served : [];
  const eviction = list.find((one) => readField(one, 'name') === 'pods/eviction');
  return String(readField(eviction, 'version') ?? 'v1');
}

/** Asks for the eviction. Answers why not now: a budget has no room, which is asked again; undefined when it was accepted or is gone. */
async function askToGo(
  kubernetes: KubernetesApi,
  pod: KubernetesObject,
  version: string,
  gracePeriodSeconds: number | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { namespace, name, uid } = pod.metadata;
  // What ends already needs no second asking.
  const present = await askFor(
    kubernetes.get({ apiVersion: 'v1', kind: 'Pod', name, namespace: namespace ?? '' }, signal),
  );
  if (present === undefined || present.metadata.uid !== uid || present.metadata.deletionTimestamp !== undefined) {
    return undefined;
  }
  const body = {
    apiVersion: `policy/${version}`,
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: {
      preconditions: { uid },
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    },
  };
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace ?? '')}/pods/${encodeURIComponent(name)}/eviction`;
  try {
    await askFor(kubernetes.request({ method: 'POST', path, body, signal }));
    return undefined;
  } catch (error) {
    if (isRefusedForNow(error)) return error.message;
    throw error;
  }
}

async function isGone(kubernetes: KubernetesApi, pod: KubernetesObject, signal: AbortSignal): Promise<boolean> {
  const { namespace, name, uid } = pod.metadata;
  const now = await askFor(kubernetes.get({ apiVersion: 'v1', kind: 'Pod', name, namespace: namespace ?? '' }, signal));
  return now === undefined || now.metadata.uid !== uid;
}
