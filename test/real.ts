import { execFileSync } from 'node:child_process';

/**
 * Tests against real components (PostgreSQL, Consul, kubectl, moto ...) run where the component is there. `.ci/run` installs them
 * all and sets PETREL_REQUIRE_REAL=1, and then a missing one is a failure and not a skip.
 *
 * A component is found by its variable, e.g. PETREL_REAL_CONSUL=/path/to/consul, else by its command on the PATH.
 */
export function realComponent(name: string, command: string): string | undefined {
  const variable = `PETREL_REAL_${name.toUpperCase().replaceAll('-', '_')}`;
  const found = process.env[variable] ?? which(command);
  if (found !== undefined && found !== '') return found;
  if (process.env.PETREL_REQUIRE_REAL === '1') {
    throw new Error(
      `The real ${name} is required (PETREL_REQUIRE_REAL=1), but neither ${variable} nor ${command} was found.`,
    );
  }
  console.warn(`skipped: ${name} is not installed (set ${variable} or put ${command} on the PATH)`);
  return undefined;
}

function which(command: string): string | undefined {
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', command], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
