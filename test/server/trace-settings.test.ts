import { describe, expect, it } from 'vitest';
import { readTraceSettings, type Variables } from '../../src/server/tracing/settings.ts';

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const read = (more: Variables = {}) => readTraceSettings({ ...COLLECTOR, ...more });

describe('Traces are', () => {
  it.each<[string, Variables]>([
    ['no variable', { OTEL_EXPORTER_OTLP_ENDPOINT: undefined }],
    ['an empty one', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    ['OTEL_SDK_DISABLED', { OTEL_SDK_DISABLED: 'TRUE' }],
    ['OTEL_TRACES_EXPORTER none', { OTEL_TRACES_EXPORTER: 'none' }],
  ])('not sent, without a word, with %s', (_, more) => {
    expect(read(more)).toEqual({ problems: [] });
  });

  it.each<[string, Variables, string]>([
    ['grpc', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"'],
    ['another exporter', { OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER is "zipkin"'],
    ['no address', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, 'OTEL_EXPORTER_OTLP_ENDPOINT must be'],
    [
      'another scheme',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'ftp://a/b' },
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be',
    ],
    [
      'a password in it',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:pass-word@a' },
      'OTEL_EXPORTER_OTLP_ENDPOINT must be',
    ],
    ['a header that is none', { OTEL_EXPORTER_OTLP_HEADERS: 'x-token=pass-word%0Amore' }, 'cannot have'],
  ])('not sent, with the reason, with %s', (_, more, reason) => {
    const { settings, problems } = read(more);
    expect(settings).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(reason)]);
    expect(problems.join()).not.toContain('pass-word');
  });

  it.each<[string, Variables, string]>([
    ['the path of traces behind the common address', {}, 'http://collector:4318/v1/traces'],
    ['the same behind a path', { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a/otlp/' }, 'https://a/otlp/v1/traces'],
    ['their own address as it is', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://a/here' }, 'https://a/here'],
    [
      'JSON where protobuf is taken',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
      'http://collector:4318/v1/traces',
    ],
  ])('sent to %s', (_, more, endpoint) => {
    const { settings, problems } = read(more);
    expect([settings?.endpoint, problems]).toEqual([endpoint, []]);
  });
});

describe('The settings of traces', () => {
  it('are those of OpenTelemetry where nothing is said', () => {
    expect(read().settings).toMatchObject({
      headers: {},
      gzip: false,
      timeout: 10_000,
      resource: {},
      queue: 2048,
      batch: 512,
      delay: 5000,
    });
  });

  it('are read, those for traces before those for all', () => {
    const more = {
      OTEL_EXPORTER_OTLP_HEADERS: 'left=out',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=Bearer%20abc, x-tenant = a=b',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_SERVICE_NAME: 'petrel-eu',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,k8s.pod.name=p%2C1',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_SCHEDULE_DELAY: '0',
    };
    expect(read(more)).toMatchObject({
      problems: [],
      settings: {
        headers: { authorization: 'Bearer abc', 'x-tenant': 'a=b' },
        gzip: true,
        timeout: 2000,
        resource: { 'service.name': 'petrel-eu', 'k8s.pod.name': 'p,1' },
        queue: 100,
        batch: 100,
        delay: 0,
      },
    });
  });

  it('are left as they were where a variable is wrong, and that is told, not what may be secret', () => {
    const { settings, problems } = read({
      OTEL_EXPORTER_OTLP_TIMEOUT: 'soon',
      OTEL_EXPORTER_OTLP_HEADERS: 'pass-word',
      OTEL_RESOURCE_ATTRIBUTES: 'a=%',
      OTEL_TRACES_SAMPLER: 'sometimes',
    });
    expect(settings).toMatchObject({ timeout: 10_000, headers: {}, resource: {} });
    expect(settings?.sample({ id: 'f'.repeat(32) })).toBe(true);
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).not.toContain('pass-word');
  });
});

describe('A sampler', () => {
  const low = { id: '0'.repeat(32) };
  const high = { id: 'f'.repeat(32) };
  const wanted = { ...low, sampled: true };
  const unwanted = { ...high, sampled: false };
  it.each<[string, string | undefined, readonly boolean[]]>([
    ['always_on', undefined, [true, true, true, true]],
    ['always_off', undefined, [false, false, false, false]],
    ['traceidratio', '0.5', [false, true, false, true]],
    ['traceidratio', '0', [false, false, false, false]],
    ['traceidratio', undefined, [true, true, true, true]],
    ['parentbased_always_on', undefined, [true, true, true, false]],
    ['parentbased_always_off', undefined, [false, false, true, false]],
    ['parentbased_traceidratio', '0.5', [false, true, true, false]],
  ])('%s (%s) chooses by the trace alone', (name, argument, expected) => {
    const { settings, problems } = read({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument });
    expect(problems).toEqual([]);
    expect([low, high, wanted, unwanted].map((trace) => settings?.sample(trace))).toEqual(expected);
  });
});
