import { compilePythonRegex, type PythonRegex } from '../expressions/index.ts';
import { messageOf, PetrelError } from '../model/index.ts';
import { anchorsOf } from './anchors.ts';

/** A format ready to be matched. */
export interface AliasFormat {
  readonly source: string;
  /** What is searched for in a command, which is given with one blank on each side. */
  readonly expression: PythonRegex;
  /** Parameters that may be missing in a command, and what they are then. */
  readonly defaults: ReadonlyMap<string, string>;
}

const BLANKS = '(?P<blanks>\\s*)';
const NAME = '\\s*(?P<name>\\S+?)\\s*';
const DEFAULT = '(?:""|\'\'|"(?P<double>.+?)"|\'(?P<single>.+?)\'|(?P<braced>\\{.+?\\})|(?P<bare>.+?))';
const OPTIONAL = `\\{\\{${NAME}\\s*=\\s*${DEFAULT}\\s*\\}\\}`;
const REQUIRED = `\\{\\{${NAME}\\}\\}`;

const optionalParameter = compilePythonRegex(OPTIONAL, { dotAll: true });
/** As StackStorm, a default may span lines only where defaults are collected, not where they are replaced. */
const optionalPlace = compilePythonRegex(BLANKS + OPTIONAL);
const requiredPlace = compilePythonRegex(BLANKS + REQUIRED);

/** Text in quotes without them, something in braces, or else as little text as will do. */
const VALUE = '(?:(?<=\').+?(?=\')|(?<=").+?(?=")|\\{.+?\\}|.+?)';

/**
 * Compiles one format (stackstorm-packs.md, section 10.1): parameters become groups, all other text is a regular expression, which
 * is tied to both ends of the command unless it has anchors of its own. Throws `PetrelError` (`invalid`) when the outcome is no
 * regular expression of Python's: a parameter that is named twice, `{{x=}}`, or two parameters joined by `=`.
 */
export function compileFormat(format: string): AliasFormat {
  try {
    return { source: format, expression: expressionOf(format), defaults: defaultsOf(format) };
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    throw new PetrelError(
      'invalid',
      `The alias format ${JSON.stringify(format)} is not valid: ${messageOf(error)} Text outside {{ }} is a regular expression; each parameter needs a name of its own.`,
      { cause: error },
    );
  }
}

function expressionOf(format: string): PythonRegex {
  const withOptional = optionalPlace.replace(format, ({ named }) => `(?:${group(named)})?`);
  const body = requiredPlace.replace(withOptional, ({ named }) => group(named));
  const { start, end } = anchorsOf(body);
  return compilePythonRegex(`${start ? '' : '^\\s*'}${body}${end ? '' : '\\s*$'}`, { dotAll: true });
}

function group(named: ReadonlyMap<string, string | undefined>): string {
  return `${named.get('blanks') ?? ''}["']?(?P<${named.get('name') ?? ''}>${VALUE})["']?`;
}

function defaultsOf(format: string): ReadonlyMap<string, string> {
  return new Map(
    optionalParameter.findAll(format).map(({ named }) => [named.get('name') ?? '', writtenValue(named)] as const),
  );
}

/** Whichever of the ways to write a value was used. Quotes are dropped, braces kept. */
export function writtenValue(named: ReadonlyMap<string, string | undefined>): string {
  return named.get('double') ?? named.get('single') ?? named.get('braced') ?? named.get('bare') ?? '';
}
