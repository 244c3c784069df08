import { describe, expect, it } from 'vitest';
import { differences, type Seen, type Written } from './watch-verdict.ts';

/** `a ADDED 1 r0`: in round 0; rounds from 5 on are lossy. */
function written(...lines: string[]): Written[] {
  return lines.map((line) => {
    const [uid = '', type, version = '', round = 'r0'] = line.split(' ');
    return { uid, type: type as Written['type'], version, round: Number(round.slice(1)) }; // the lines name real types
  });
}
/** A `~` at the end: synthesised. */
function seen(...lines: string[]): Seen[] {
  return lines.map((line) => {
    const [uid = '', type, version = '', mark] = line.split(' ');
    return { uid, type: type as Seen['type'], version, synthesised: mark === '~' }; // likewise
  });
}
const verdict = (was: Written[], saw: Seen[]) => differences(was, saw, (round) => round >= 5);

const LIFE = ['a ADDED 1 r0', 'a MODIFIED 2 r0', 'a MODIFIED 3 r0', 'a DELETED  r0'];
const EVENTS = ['a ADDED 1', 'a MODIFIED 2', 'a MODIFIED 3', 'a DELETED 4'];

describe('The verdict over a watch', () => {
  it('is good when each change was seen once', () => {
    expect(verdict(written(...LIFE), seen(...EVENTS))).toEqual([]);
  });

  it.each([
    ['a version is missing', ['a ADDED 1', 'a MODIFIED 3', 'a DELETED 4'], /MODIFIED 2 of round 0 was missed/],
    ['the creation is missing', EVENTS.slice(1), /ADDED 1 of round 0 was missed/],
    ['the deletion is missing', EVENTS.slice(0, 3), /deletion in round 0 was missed/],
    [
      'an event comes twice',
      ['a ADDED 1', 'a MODIFIED 2', 'a MODIFIED 2', 'a MODIFIED 3', 'a DELETED 4'],
      /2 comes after 2/,
    ],
    [
      'an object begins twice',
      ['a ADDED 1', 'a ADDED 2', 'a MODIFIED 2', 'a MODIFIED 3', 'a DELETED 4'],
      /ADDED 2 is event 1/,
    ],
    ['it is deleted twice', [...EVENTS, 'a DELETED 4 ~'], /is not the last event/],
    ['a change follows the deletion', [...EVENTS, 'a MODIFIED 5'], /not the last event/],
    [
      'a version was never written',
      ['a ADDED 1', 'a MODIFIED 2', 'a MODIFIED 3', 'a MODIFIED 7', 'a DELETED 8'],
      /7 was never written/,
    ],
    ['an object was never written', [...EVENTS, 'b ADDED 9'], /b was invented/],
  ])('says so when %s', (_what, events, complaint) => {
    expect(verdict(written(...LIFE), seen(...events)).join('\n')).toMatch(complaint);
  });

  it('says so when an object that lives is reported as deleted', () => {
    expect(verdict(written('a ADDED 1'), seen('a ADDED 1', 'a DELETED 1 ~')).join()).toMatch(/that lives/);
  });

  describe('in a round that lost history', () => {
    it('does not ask for the versions before the last', () => {
      const was = written('a ADDED 1 r0', 'a MODIFIED 2 r5', 'a MODIFIED 3 r5');
      expect(verdict(was, seen('a ADDED 1', 'a MODIFIED 3'))).toEqual([]);
      expect(verdict(was, seen('a ADDED 1', 'a MODIFIED 2')).join()).toMatch(/MODIFIED 3 of round 5 was missed/);
    });

    it('does not ask for what was made and deleted within it, unless it was seen', () => {
      const was = written('a ADDED 1 r5', 'a DELETED  r5');
      expect(verdict(was, [])).toEqual([]);
      expect(verdict(was, seen('a ADDED 1')).join()).toMatch(/deletion in round 5 was missed/);
    });

    it('asks for the deletion of what was there before it', () => {
      const was = written('a ADDED 1 r0', 'a DELETED  r5');
      expect(verdict(was, seen('a ADDED 1', 'a DELETED 1 ~'))).toEqual([]);
      expect(verdict(was, seen('a ADDED 1')).join()).toMatch(/deletion in round 5 was missed/);
    });

    it('takes the last state as the first, if the others were not seen', () => {
      expect(verdict(written('a ADDED 1 r5', 'a MODIFIED 2 r5'), seen('a ADDED 2'))).toEqual([]);
    });
  });
});
