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

/** Any call of the API server. */
export interface KubernetesRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute path below the server's URL, encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default `application/json`. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds until the whole answer must be there (of a stream: its head). Default 30,000. */
  readonly timeout?: number;
}

export interface PodReference {
  readonly name: string;
  /** Default: the client's own. */
  readonly namespace?: string;
}

export interface LogOptions {
  /** Needed where the pod has several. */
  readonly container?: string;
  /** Goes on until the container ends. */
  readonly follow?: boolean;
  /** Of the container's run before this one. */
  readonly previous?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  readonly limitBytes?: number;
  readonly timestamps?: boolean;
  readonly signal?: AbortSignal;
}

export interface ExecOptions {
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly container?: string;
  /** What the program reads; the input ends after it. Absent: no input. */
  readonly stdin?: string;
  /** Called with each piece of output, any length. */
  readonly output?: (stream: 'stdout' | 'stderr', data: string) => void;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
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
  /** Any call; answers the parsed JSON body, or text where it is none. */
  request(request: KubernetesRequest): Promise<unknown>;
  /** What a pod's container printed, in pieces of any length, none of which cuts a character. */
  logs(pod: PodReference, options?: LogOptions): AsyncIterable<string>;
  /**
   * Runs a program in a pod's container. A program that fails is an answer (its exit code); a container that cannot run it is a
   * `PetrelError`. Of each stream 10 MB are kept.
   */
  exec(pod: PodReference, options: ExecOptions): Promise<ExecResult>;
}
