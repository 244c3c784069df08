import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Execution,
  formatTraceparent,
  type JsonObject,
  newId,
  parentSpanOf,
  parseTraceparent,
  ruleSpanIdOf,
  spanIdOf,
  traceContextOf,
  traceOf,
  traceOfEvent,
} from '../../src/model/index.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const HEADER = `00-${TRACE}-${SPAN}-01`;

/** An execution of which only what tracing reads is said. */
const execution = (more: Partial<Execution> = {}): Execution => ({
  id: newId(),
  actionRef: 'shop.nothing',
  runnerType: 'noop',
  status: 'succeeded',
  parameters: {},
  context: {},
  createdAt: 0,
  attempt: 1,
  log: [],
  ...more,
});
/** As a workflow's children are made: its context inside, and its id. */
const childOf = (workflow: Execution): Execution =>
  execution({ parentId: workflow.id, context: { parent: { ...workflow.context, execution_id: workflow.id } } });

describe('A traceparent', () => {
  it.each<[string, unknown, boolean | undefined]>([
    ['says that the caller samples', HEADER, true],
    ['says that the caller does not', `00-${TRACE}-${SPAN}-00`, false],
    ['may have flags that are not known yet', `00-${TRACE}-${SPAN}-03`, true],
    ['of a later version may say more', `01-${TRACE}-${SPAN}-01-more`, true],
    ['of this version may not', `${HEADER}-more`, undefined],
    ['has no version ff', `ff-${TRACE}-${SPAN}-01`, undefined],
    ['has a trace', `00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
    ['has a span', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    ['is in lower case', HEADER.toUpperCase(), undefined],
    ['is not a part of a text', ` ${HEADER}`, undefined],
    ['is a text', [HEADER], undefined],
    ['may be missing', undefined, undefined],
  ])('%s', (_, value, sampled) => {
    expect(parseTraceparent(value)).toEqual(
      sampled === undefined ? undefined : { traceId: TRACE, spanId: SPAN, sampled },
    );
  });

  it('is read as it was written', () => {
    const hex = (length: number) =>
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
    fc.assert(
      fc.property(hex(31), hex(15), fc.boolean(), (trace, span, sampled) => {
        const given = { traceId: `1${trace}`, spanId: `${span}1`, sampled };
        expect(parseTraceparent(formatTraceparent(given))).toEqual(given);
      }),
    );
  });
});

describe('The trace of an execution', () => {
  it('is the caller’s, for its workflows’ tasks at any depth', () => {
    const top = execution({ context: { trace_context: { traceparent: HEADER } } });
    expect([top, childOf(top), childOf(childOf(top))].map(traceOf)).toEqual(
      Array(3).fill({ id: TRACE, sampled: true }),
    );
  });

  it('is else one of its own, which its tasks share', () => {
    const top = execution();
    const trace = traceOf(top);
    expect(trace.id).toMatch(/^[0-9a-f]{32}$/);
    expect(traceOf(childOf(childOf(top)))).toEqual(trace);
    expect(traceOf(execution())).not.toEqual(trace);
  });

  it('is that of the event whose rule has requested it', () => {
    const triggerInstanceId = newId();
    const context = { trigger_instance: { id: triggerInstanceId, name: null } };
    const top = execution({ context, triggerInstanceId, ruleRef: 'shop.order' });
    expect(traceOf(childOf(top))).toEqual(traceOfEvent(triggerInstanceId));
  });

  it.each<[string, JsonObject]>([
    ['with a caller', { trace_context: { traceparent: HEADER } }],
    ['with a trace of StackStorm', { trace_context: { id_: '5a1b', trace_tag: 'release' } }],
    ['with an event', { trigger_instance: { id: '5a1c', name: null } }],
    ['with itself', {}],
  ])('that began %s is handed on to what follows its end', (_, context) => {
    const ended = childOf(execution({ context }));
    expect(traceOfEvent(newId(), traceContextOf(ended))).toEqual(traceOf(ended));
    expect(traceOf(execution({ context: { trace_context: traceContextOf(ended) } }))).toEqual(traceOf(ended));
  });

  it('is not taken from what is no traceparent', () => {
    const top = execution();
    const context = { trace_context: { traceparent: 'me', id_: 7 } };
    expect(traceOf({ ...top, context })).toEqual(traceOf(top));
  });
});

describe('The span above that of an execution', () => {
  it('is that of its workflow, of its rule, of its caller, or none', () => {
    const context = { trace_context: { traceparent: HEADER } };
    const workflow = execution({ context });
    const requested = { triggerInstanceId: '1', ruleRef: 'shop.order' };
    expect([childOf(workflow), execution({ context, ...requested }), workflow, execution()].map(parentSpanOf)).toEqual([
      spanIdOf(workflow.id),
      ruleSpanIdOf('1', 'shop.order'),
      SPAN,
      undefined,
    ]);
  });
});
