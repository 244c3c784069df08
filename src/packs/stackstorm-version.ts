/** The release of StackStorm whose behaviour Petrel has. */
export const STACKSTORM_VERSION = '3.10.0';

const TERM = /^(==|>=|<=|>|<|=|!=)?\s*(\d+(?:\.\d+){0,2})\S*$/;

/**
 * Why `stackstorm_version`, an expression such as `>=3.0.0, <4.0.0`, is not met by what Petrel does; undefined when it is. Packs are
 * loaded all the same.
 */
export function stackstormProblem(expression: string): string | undefined {
  for (const term of expression.split(',').map((part) => part.trim())) {
    if (term === '') continue;
    const [, operator = '==', version = ''] = TERM.exec(term) ?? [];
    if (version === '') return `"${term}" is no comparison with a version, such as ">=3.0.0".`;
    if (!holds(operator, compare(STACKSTORM_VERSION, version))) {
      return `The pack asks for StackStorm ${expression}; Petrel does as ${STACKSTORM_VERSION} does.`;
    }
  }
  return undefined;
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '!=':
      return order !== 0;
    default:
      return order === 0;
  }
}

function compare(left: string, right: string): number {
  const numbers = (version: string) => version.split('.').map(Number);
  const [a, b] = [numbers(left), numbers(right)];
  for (const index of [0, 1, 2]) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
