import type { Rule } from '../../src/model/index.ts';

/** An enabled standard rule of a trigger without parameters, with what the test says differently. */
export function makeRule(differences: Partial<Rule> = {}): Rule {
  const name = differences.name ?? 'rule';
  return {
    ref: `examples.${name}`,
    pack: 'examples',
    name,
    enabled: true,
    type: 'standard',
    trigger: { type: 'examples.happened', parameters: {} },
    criteria: {},
    action: { ref: 'core.noop', parameters: {} },
    metadataFile: 'rules/rule.yaml',
    ...differences,
  };
}
