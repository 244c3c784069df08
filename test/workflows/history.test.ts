import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { conductors } from '../../src/workflows/index.ts';

function historyOf(name: string): readonly string[] | undefined {
  const { runnerType, steps } = JSON.parse(
    readFileSync(new URL(`journals/${name}-1.json`, import.meta.url), 'utf8'),
  ) as { runnerType: string; steps: { decision: { events: JsonObject[] } }[] };
  return conductors.get(runnerType)?.history(steps.flatMap(({ decision }) => decision.events));
}

it('tells the story of an Orquesta workflow with items and retries', () => {
  expect(historyOf('orquesta-items-retry')).toEqual([
    'starts',
    'workflow running; each running; requests each[0], each[1]',
    'each[0] succeeded; requests each[2]',
    'each[1] succeeded; requests each[3]',
    'each[2] succeeded',
    'each[3] succeeded; each succeeded; publishes all; requests flaky',
    'flaky failed; flaky retrying; requests flaky',
    'flaky failed; flaky retrying; requests flaky',
    'flaky failed; requests mend',
    'mend succeeded; Execution failed. See result for details.; fail failed; workflow failed',
  ]);
});

it('tells the story of parallel tasks', () => {
  expect(historyOf('orquesta-split-join')).toEqual([
    'starts',
    'workflow running; requests begin',
    'begin succeeded; publishes host, begun; requests announce, create',
    'announce succeeded; publishes announced',
    'create succeeded; publishes address; requests store',
    'store succeeded; workflow succeeded',
  ]);
});

it('tells the story of a cycle, and what went wrong in it', () => {
  expect(historyOf('orquesta-cycle')).toEqual([
    'starts',
    'workflow running; requests begin',
    'begin succeeded; requests step',
    'step succeeded; publishes n; requests step',
    'step succeeded; publishes n; requests step',
    'step succeeded; publishes n; requests step',
    'step succeeded; publishes n; requests step',
    'step succeeded; requests wrong',
    expect.stringMatching(/^wrong succeeded; YaqlEvaluationException: .*; workflow failed$/),
  ]);
});

it('tells the story of a chain', () => {
  expect(historyOf('action-chain')).toEqual([
    'starts',
    'requests create',
    'create succeeded; publishes address',
    'requests store',
    'store failed',
    'requests alarm',
    'alarm succeeded',
    'workflow succeeded',
  ]);
});
