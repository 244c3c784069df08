/** A Kubernetes object: what every kind has, and the rest as it came. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly [field: string]: unknown;
}

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for kinds that have no namespace; for others the client's default namespace. */
  readonly namespace?: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal;
}

/**
 * Every operation an action needs, for any kind the cluster serves. Errors are `PetrelError`s with code `not_found`
 * (404), `conflict` (409), `forbidden`, `unauthorized`, `invalid` (400, 422), `unavailable` (429, 5xx, no connection)
 * and `details.status` holding the API server's Status object.
 */
export interface KubernetesApi {
  get(reference: ObjectReference, signal?: AbortSignal): Promise<KubernetesObject>;
  /** Pages through everything. */
  list(apiVersion: string, kind: string, options?: ListOptions): Promise<readonly KubernetesObject[]>;
  create(object: unknown, signal?: AbortSignal): Promise<KubernetesObject>;
  /** Server-side apply. `fieldManager` defaults to `petrel`; `force` takes fields from other managers. */
  apply(
    object: unknown,
    options?: { fieldManager?: string; force?: boolean; subresource?: string; signal?: AbortSignal },
  ): Promise<KubernetesObject>;
  /** `type` is how the patch is read; `subresource` e.g. `status`. */
  patch(
    reference: ObjectReference,
    patch: unknown,
    options?: { type?: 'merge' | 'json' | 'strategic'; subresource?: string; signal?: AbortSignal },
  ): Promise<KubernetesObject>;
  /** Resolves with what the server answered; a missing object throws `not_found`. */
  delete(
    reference: ObjectReference,
    options?: { propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'; uid?: string; signal?: AbortSignal },
  ): Promise<void>;
}
