import { describe, expect, it } from 'vitest';
import { stackstormProblem } from '../../src/packs/stackstorm-version.ts';

describe('stackstorm_version', () => {
  it.each(['>=3.0.0', '>=2.9.0, <4.0.0', '>3.9', '<=3.10.0', '=3.10.0', '3.10', '!=3.9.0', '>= 1.6.0dev'])(
    '%s is met',
    (expression) => {
      expect(stackstormProblem(expression)).toBeUndefined();
    },
  );

  it.each([
    ['<3.0.0', 'The pack asks for StackStorm <3.0.0; Petrel does as 3.10.0 does.'],
    ['>=3.0.0, <3.10.0', 'The pack asks for StackStorm >=3.0.0, <3.10.0; Petrel does as 3.10.0 does.'],
    ['>=3.11', 'The pack asks for StackStorm >=3.11; Petrel does as 3.10.0 does.'],
    ['new', '"new" is no comparison with a version, such as ">=3.0.0".'],
  ])('%s is not', (expression, problem) => {
    expect(stackstormProblem(expression)).toBe(problem);
  });
});
