import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRegistry, formatProblem } from '../../src/packs/index.ts';
import {
  type Files,
  newModules,
  PACK_YAML,
  RUNNERS,
  removeTemporaryFolders,
  temporaryFolder,
  write,
} from './support.ts';

afterAll(removeTemporaryFolders);

const modules = newModules();
const PACK: Files = {
  'trial/pack.yaml': PACK_YAML,
  'trial/actions/a.yaml': 'name: a\nrunner_type: noop\n',
  'trial/actions/b.yaml': 'name: b\nrunner_type: noop\nenabled: false\n',
  'trial/aliases/a.yaml': 'name: a\naction_ref: trial.a\nformats: [do]\n',
  'trial/rules/a.yaml':
    'name: a\nenabled: true\ntrigger: {type: core.st2.IntervalTimer, parameters: {unit: days, delta: 1}}\naction: {ref: trial.a}\n',
  'trial/sensors/s.yaml': 'class_name: S\nentry_point: s.py\n',
  'trial/sensors/s.py': '',
};

async function enabledWith(overrides: Files) {
  const base = temporaryFolder();
  write(base, PACK);
  const overridesDirectory = join(temporaryFolder(), 'overrides');
  write(overridesDirectory, overrides);
  const registry = createRegistry({
    packDirectories: [base],
    overridesDirectory,
    modules,
    runners: RUNNERS,
    log: { info() {}, warn() {}, error() {} },
  });
  const snapshot = await registry.load();
  const enabled = [
    ...snapshot.actions.values(),
    ...snapshot.aliases.values(),
    ...snapshot.rules.values(),
    ...snapshot.sensors.values(),
  ]
    .filter((item) => item.enabled)
    .map((item) => item.ref);
  return {
    enabled,
    problems: snapshot.problems.map((problem) => formatProblem(problem, overridesDirectory)),
    registry,
    overridesDirectory,
  };
}

describe('overrides', () => {
  it.each<[string, Files, string[]]>([
    ['none', {}, ['trial.a', 'trial.a', 'trial.a', 'trial.S']],
    ['everywhere', { '_global.yaml': 'actions: {defaults: {enabled: false}}\n' }, ['trial.a', 'trial.a', 'trial.S']],
    [
      'a pack over everywhere',
      { '_global.yaml': 'rules: {defaults: {enabled: false}}\n', 'trial.yaml': 'rules: {defaults: {enabled: true}}\n' },
      ['trial.a', 'trial.a', 'trial.a', 'trial.S'],
    ],
    [
      'exceptions over all',
      {
        'trial.yaml':
          'actions: {defaults: {enabled: false}, exceptions: {b: {enabled: true}}}\nsensors: {exceptions: {S: {enabled: false}}}\n',
      },
      ['trial.b', 'trial.a', 'trial.a'],
    ],
    ['aliases', { 'trial.yaml': 'aliases: {defaults: {enabled: false}}\n' }, ['trial.a', 'trial.a', 'trial.S']],
  ])('%s', async (_, overrides, expected) => {
    const { enabled, problems } = await enabledWith(overrides);
    expect(enabled).toEqual(expected);
    expect(problems).toEqual([]);
  });

  it('that are wrong count for nothing, and are named', async () => {
    const { enabled, problems } = await enabledWith({
      '_global.yaml': 'actions: {exceptions: {a: {enabled: false}}}\n',
      'trial.yaml': 'actoins: {defaults: {enabled: false}}\n',
    });
    expect(enabled).toEqual(['trial.a', 'trial.a', 'trial.a', 'trial.S']);
    expect(problems).toEqual([
      '_global.yaml:1:11: error: Unknown key "exceptions" in "actions". Known keys are "defaults".',
      'trial.yaml:1:1: error: Unknown key "actoins" in a file of overrides. Did you mean "actions"?',
    ]);
  });

  it('that go away count no longer', async () => {
    const { registry, overridesDirectory } = await enabledWith({
      'trial.yaml': 'actions: {defaults: {enabled: false}}\n',
    });
    rmSync(join(overridesDirectory, 'trial.yaml'));
    expect((await registry.load()).actions.get('trial.a')?.enabled).toBe(true);
  });
});
