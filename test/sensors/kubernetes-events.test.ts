import { describe, expect, it } from 'vitest';
import { type CompleteStep, eventsOf } from '../../src/sensors/kubernetes-events.ts';
import { boundTriggers } from '../../src/sensors/kubernetes-triggers.ts';
import { rule } from './support.ts';

const WIDGETS = { apiVersion: 'example.org/v1', kind: 'Widget' };

/** `MODIFIED a 3 big` : of the object a, version 3, with that size. A `!` at the end: the generation changed. */
function steps(...lines: string[]): CompleteStep[] {
  const last = new Map<string, CompleteStep['object']>();
  return lines.map((line) => {
    const [type = '', name = '', resourceVersion = '', size = '', flag] = line.split(' ');
    const object = { ...WIDGETS, metadata: { name, uid: name, resourceVersion }, spec: { size }, status: { at: line } };
    const previous = last.get(name);
    last.set(name, object);
    const generationChanged = flag === '!';
    const synthesised = false;
    return { type, uid: name, resourceVersion, generationChanged, synthesised, object, previous } as CompleteStep; // the lines name real types
  });
}

const trigger = (parameters: object) =>
  boundTriggers([rule('r', 'kubernetes.resource', { ...WIDGETS, ...parameters })]);
const shown = (events: ReturnType<typeof eventsOf>) =>
  events.map(({ event: { payload } }) => `${payload.type} ${payload.name} ${payload.resourceVersion}`);

describe('Events of a batch', () => {
  it('are as many as its steps, for each trigger', () => {
    const batch = steps('ADDED a 1 x', 'MODIFIED a 2 x', 'MODIFIED a 3 x');
    const both = [...trigger({}), ...trigger({ namespace: '' })];
    expect(shown(eventsOf(batch, both))).toEqual([
      'ADDED a 1',
      'ADDED a 1',
      'MODIFIED a 2',
      'MODIFIED a 2',
      'MODIFIED a 3',
      'MODIFIED a 3',
    ]);
  });
});

describe('A trigger that coalesces', () => {
  const coalesce = trigger({ coalesce: true });

  it('gets the newest of several MODIFIED of one object, in its place', () => {
    const batch = steps('MODIFIED a 1 x', 'MODIFIED b 2 x', 'MODIFIED a 3 x', 'MODIFIED a 4 x', 'MODIFIED c 5 x');
    expect(shown(eventsOf(batch, coalesce))).toEqual(['MODIFIED b 2', 'MODIFIED a 4', 'MODIFIED c 5']);
  });

  it('loses no ADDED and no DELETED, nor a change from before one', () => {
    const batch = steps(
      'MODIFIED a 1 x',
      'DELETED a 2 x',
      'ADDED a 3 x',
      'MODIFIED a 4 x',
      'MODIFIED a 5 x',
      'DELETED a 6 x',
    );
    expect(shown(eventsOf(batch, coalesce))).toEqual([
      'MODIFIED a 1',
      'DELETED a 2',
      'ADDED a 3',
      'MODIFIED a 5',
      'DELETED a 6',
    ]);
  });

  it('hears that the generation changed when it did in any of them', () => {
    const [event] = eventsOf(steps('MODIFIED a 1 x !', 'MODIFIED a 2 x'), coalesce);
    expect(event?.event.payload.generation_changed).toBe(true);
  });

  it('hears nothing of a field that changed and changed back', () => {
    const [, ...batch] = steps('ADDED a 1 x', 'MODIFIED a 2 y', 'MODIFIED a 3 x');
    expect(eventsOf(batch, trigger({ coalesce: true, fields: ['spec.size'] }))).toEqual([]);
    expect(shown(eventsOf(batch, trigger({ fields: ['spec.size'] })))).toEqual(['MODIFIED a 2', 'MODIFIED a 3']);
  });
});

describe('A trigger that names fields', () => {
  it('gets a change of these only, and when the state before is not known', () => {
    const batch = steps('MODIFIED a 1 x', 'MODIFIED a 2 x', 'MODIFIED a 3 y', 'DELETED a 4 y');
    const events = eventsOf(batch, trigger({ fields: ['spec.size'] }));
    expect(shown(events)).toEqual(['MODIFIED a 1', 'MODIFIED a 3', 'DELETED a 4']);
    expect(events[1]?.event.payload.object).toEqual({
      ...WIDGETS,
      metadata: { name: 'a', uid: 'a', resourceVersion: '3' },
      spec: { size: 'y' },
    });
  });
});
