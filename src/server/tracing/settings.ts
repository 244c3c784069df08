import type { Trace } from '../../model/index.ts';

/** What the standard variables of OpenTelemetry say about traces. Times are milliseconds. */
export interface TraceSettings {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  /** For one request to the collector. */
  readonly timeout: number;
  readonly resource: Readonly<Record<string, string>>;
  /** Whether spans of a trace are sent. All of them or none, at every node: only the trace itself decides. */
  readonly sample: (trace: Trace) => boolean;
  /** How many spans may wait; beyond that they are lost. */
  readonly queue: number;
  readonly batch: number;
  /** How long a span waits for others. */
  readonly delay: number;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables. No settings: traces are not asked for, or cannot be sent as is asked. As OpenTelemetry has it, what is wrong with
 * one variable is a problem to tell of and never a reason not to start.
 */
export function readTraceSettings(variables: Variables): {
  readonly settings?: TraceSettings;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const read = (...names: readonly string[]) => {
    const name = names.find((one) => (variables[one] ?? '').trim() !== '');
    return name === undefined ? undefined : { name, text: variables[name]?.trim() ?? '' };
  };
  const off = (problem?: string) => ({ problems: problem === undefined ? problems : [...problems, problem] });

  const endpoint = endpointOf(read);
  if (endpoint === undefined || read('OTEL_SDK_DISABLED')?.text.toLowerCase() === 'true') return off();
  const exporter = read('OTEL_TRACES_EXPORTER');
  if (exporter?.text === 'none') return off();
  if (exporter !== undefined && exporter.text !== 'otlp') {
    return off(`Traces are not sent: OTEL_TRACES_EXPORTER is "${exporter.text}"; Petrel knows "otlp" and "none".`);
  }
  const protocol = read('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL');
  // Whoever takes protobuf over HTTP takes JSON at the same address.
  if (protocol !== undefined && protocol.text !== 'http/json' && protocol.text !== 'http/protobuf') {
    return off(
      `Traces are not sent: ${protocol.name} is "${protocol.text}", and Petrel speaks "http/json"; collectors take that on port 4318.`,
    );
  }
  const url = URL.canParse(endpoint.text) ? new URL(endpoint.text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    return off(
      `Traces are not sent: ${endpoint.name} must be an http or https address without a password; credentials go into OTEL_EXPORTER_OTLP_HEADERS.`,
    );
  }

  const number = (fallback: number, least: number, ...names: readonly string[]) => {
    const found = read(...names);
    if (found === undefined) return fallback;
    const value = Number(found.text);
    if (Number.isFinite(value) && value >= least) return value;
    problems.push(`${found.name} is "${found.text}" and must be a number from ${least} on; ${fallback} is taken.`);
    return fallback;
  };
  const pairs = (...names: readonly string[]) => {
    const found = read(...names);
    const parsed = found === undefined ? {} : pairsOf(found.text);
    // The text may hold secrets.
    if (parsed === undefined) problems.push(`${found?.name} is left out: it must be key=value,key=value.`);
    return parsed ?? {};
  };
  const headers = pairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS');
  if (!areHeaders(headers)) {
    return off('Traces are not sent: OTEL_EXPORTER_OTLP_HEADERS holds characters that headers cannot have.');
  }
  const name = read('OTEL_SERVICE_NAME');
  const queue = number(2048, 1, 'OTEL_BSP_MAX_QUEUE_SIZE');
  const settings: TraceSettings = {
    endpoint: url.href,
    headers,
    gzip: read('OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'OTEL_EXPORTER_OTLP_COMPRESSION')?.text === 'gzip',
    timeout: number(10_000, 1, 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'),
    resource: { ...pairs('OTEL_RESOURCE_ATTRIBUTES'), ...(name && { 'service.name': name.text }) },
    sample: samplerOf(
      read('OTEL_TRACES_SAMPLER')?.text ?? DEFAULT_SAMPLER,
      number(1, 0, 'OTEL_TRACES_SAMPLER_ARG'),
      problems,
    ),
    queue,
    batch: Math.min(number(512, 1, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'), queue),
    delay: number(5000, 0, 'OTEL_BSP_SCHEDULE_DELAY'),
  };
  return { settings, problems };
}

/** The address for traces as it stands, or that for all signals with the path of traces behind it. */
function endpointOf(read: (name: string) => { readonly name: string; readonly text: string } | undefined) {
  const own = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  if (own !== undefined) return own;
  const common = read('OTEL_EXPORTER_OTLP_ENDPOINT');
  return common && { ...common, text: `${common.text.replace(/\/+$/, '')}/v1/traces` };
}

/** `key=value,key=value`, percent-encoded; undefined: it is not. */
function pairsOf(text: string): Readonly<Record<string, string>> | undefined {
  const entries: [string, string][] = [];
  for (const pair of text.split(',').filter((one) => one.trim() !== '')) {
    const at = pair.indexOf('=');
    if (at <= 0) return undefined;
    try {
      entries.push([decodeURIComponent(pair.slice(0, at).trim()), decodeURIComponent(pair.slice(at + 1).trim())]);
    } catch {
      return undefined;
    }
  }
  return Object.fromEntries(entries);
}

function areHeaders(pairs: Readonly<Record<string, string>>): boolean {
  try {
    return new Headers(pairs) !== undefined;
  } catch {
    return false;
  }
}

type Sample = TraceSettings['sample'];

const DEFAULT_SAMPLER = 'parentbased_always_on';

function samplerOf(name: string, ratio: number, problems: string[]): Sample {
  const always: Sample = () => true;
  const never: Sample = () => false;
  const part: Sample = ({ id }) => isInPart(id, ratio);
  const asCaller =
    (otherwise: Sample): Sample =>
    (trace) =>
      trace.sampled ?? otherwise(trace);
  const samplers: Readonly<Record<string, Sample>> = {
    always_on: always,
    always_off: never,
    traceidratio: part,
    parentbased_always_on: asCaller(always),
    parentbased_always_off: asCaller(never),
    parentbased_traceidratio: asCaller(part),
  };
  const sampler = Object.hasOwn(samplers, name) ? samplers[name] : undefined;
  if (sampler !== undefined) return sampler;
  const known = Object.keys(samplers).join(', ');
  problems.push(`OTEL_TRACES_SAMPLER is "${name}"; ${DEFAULT_SAMPLER} is taken. Known are: ${known}.`);
  return asCaller(always);
}

/**
 * By the last 56 bits of the trace's id, as OpenTelemetry specifies, so that others who sample choose the same traces; but for the last
 * four, since JavaScript's numbers are exact up to 53.
 */
function isInPart(id: string, ratio: number): boolean {
  return Number.parseInt(id.slice(-14, -1), 16) >= (1 - ratio) * 2 ** 52;
}
