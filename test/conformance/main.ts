import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { kindOf } from './kinds.ts';

const USAGE = `Usage: npm run vectors -- [DIR] [--verbose]

Runs every vector file of a known kind under DIR (default test/vectors) and prints a line for each: FILE PASSED/CASES.

  --verbose   also the ids of the cases that fail, with the reason, and the files that are of no known kind
  --help      this text

Exit code 0 when every case passes, 1 when one fails, 2 for wrong use.`;

/** Runs the command; answers the exit code. */
export function main(args: readonly string[], defaultFolder: string): number {
  let folder: string;
  let verbose: boolean;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { verbose: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    if (positionals.length > 1) throw new Error(`There can be only one folder: ${positionals.join(', ')}.`);
    folder = resolve(positionals[0] ?? defaultFolder);
    verbose = values.verbose;
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is no folder.`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  return runFolder(folder, verbose);
}

function runFolder(folder: string, verbose: boolean): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort();
  const ignored: string[] = [];
  let [known, failed] = [0, false];
  for (const file of files) {
    const outcome = runFile(join(folder, file));
    if (outcome === undefined) {
      ignored.push(file);
      continue;
    }
    known += 1;
    failed ||= outcome.failures.length > 0;
    console.log(`${file} ${outcome.cases - outcome.failures.length}/${outcome.cases}`);
    if (verbose) for (const line of outcome.failures) console.log(`  ${line}`);
  }
  if (verbose && ignored.length > 0) console.log(`of no known kind: ${ignored.join(', ')}`);
  if (known > 0) return failed ? 1 : 0;
  console.error(`There are no vector files of a known kind under ${folder}.`);
  return 1;
}

interface FileOutcome {
  readonly cases: number;
  readonly failures: readonly string[];
}

/** Undefined for a file of no known kind. */
function runFile(path: string): FileOutcome | undefined {
  const text = readFileSync(path, 'utf8');
  try {
    const checks = kindOf(basename(path), text)?.(text);
    if (checks === undefined) return undefined;
    const failures = checks.flatMap(({ id, run }) => {
      try {
        run();
        return [];
      } catch (error) {
        return [`${id}: ${reasonOf(error)}`];
      }
    });
    return { cases: checks.length, failures };
  } catch (error) {
    return { cases: 1, failures: [`the file cannot be read: ${reasonOf(error)}`] };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` (${reasonOf(error.cause)})`;
  return `${error.message}${cause}`.replaceAll('\n', '\n    ');
}
