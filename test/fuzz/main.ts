import { parseArgs } from 'node:util';
import { PROPERTIES } from './properties.ts';

const USAGE = `Usage: npm run fuzz:expressions -- [--cases N] [--seed N]

Holds YAQL, Jinja and their evaluation to what must be true of any expression: trees are printed and parsed back, and whatever is
evaluated ends with a value or an expression error.

  --cases N   how many cases in all (default 100000)
  --seed N    repeats a run

Exit code 0 when everything holds, 1 when something does not (with the smallest case found), 2 for wrong use.`;

/** Runs the command; answers the exit code. */
export function main(args: readonly string[]): number {
  let cases: number;
  let seed: number | undefined;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { cases: { type: 'string', default: '100000' }, seed: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help === true) {
      console.log(USAGE);
      return 0;
    }
    cases = wholeNumber('cases', values.cases);
    seed = values.seed === undefined ? undefined : wholeNumber('seed', values.seed);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  let failed = false;
  for (const property of PROPERTIES) {
    const numRuns = Math.ceil(cases / PROPERTIES.length);
    let slowest = { milliseconds: 0, text: '' };
    const start = performance.now();
    try {
      property.run({ numRuns, ...(seed !== undefined && { seed }) }, (milliseconds, text) => {
        if (milliseconds > slowest.milliseconds) slowest = { milliseconds, text };
      });
      const seconds = (performance.now() - start) / 1000;
      console.log(`ok      ${property.name}: ${numRuns} cases in ${seconds.toFixed(1)} s`);
      console.log(
        `        slowest ${slowest.milliseconds.toFixed(0)} ms: ${JSON.stringify(slowest.text).slice(0, 160)}`,
      );
    } catch (error) {
      failed = true;
      console.log(`FAILED  ${property.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed ? 1 : 0;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new Error(`--${name} must be a whole number, but it is "${text}".`);
  return Number(text);
}
