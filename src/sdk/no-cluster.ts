import type { KubernetesApi } from './kubernetes.ts';

/** A cluster that is not there: every operation rejects with what `refusal` makes, which should say how to get one. */
export function noCluster(refusal: () => Error): KubernetesApi {
  const refuse = (): Promise<never> => Promise.reject(refusal());
  return {
    get: refuse,
    list: refuse,
    create: refuse,
    apply: refuse,
    patch: refuse,
    delete: refuse,
    request: refuse,
    // biome-ignore lint/correctness/useYield: it refuses before there is anything to yield
    async *logs() {
      await refuse();
    },
    exec: refuse,
  };
}
