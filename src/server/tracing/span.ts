/** A span that has ended, and how OTLP writes it as JSON (opentelemetry-proto, trace.proto). */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly events?: readonly { readonly name: string; readonly at: number }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: Attributes }[];
  /** Why it failed; absent: it did not. */
  readonly error?: string;
}

/** What is undefined is left out. Numbers are whole. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

const KINDS = { internal: 1, producer: 4, consumer: 5 } as const;
const ERROR = 2;
/** Of the flags: it is sampled. */
const SAMPLED = 1;

/** The body of a request to a collector. */
export function encodeSpans(spans: readonly Span[], from: { readonly resource: Attributes; readonly version: string }) {
  const scope = { name: 'petrel', version: from.version };
  return {
    resourceSpans: [
      { resource: { attributes: encoded(from.resource) }, scopeSpans: [{ scope, spans: spans.map(encodeSpan) }] },
    ],
  };
}

function encodeSpan({ traceId, spanId, parentSpanId, name, kind, start, end, attributes, ...rest }: Span) {
  const { events = [], links = [], error } = rest;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    flags: SAMPLED,
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: encoded(attributes),
    events: events.map(({ name, at }) => ({ name, timeUnixNano: nanoseconds(at) })),
    links: links.map((link) => ({ ...link, attributes: encoded(link.attributes) })),
    status: error === undefined ? {} : { code: ERROR, message: error },
  };
}

/** As text: JSON's numbers are too small. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds)}000000`;
}

function encoded(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) } }];
  });
}
