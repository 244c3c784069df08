import type { Argument, Command, Option } from 'commander';
import { connect } from '../client.ts';
import type { GlobalOptions } from '../options.ts';

interface Place {
  /** The words that lead there: `petrel action list`. */
  readonly words: string;
  /** What may follow, with what it does. */
  readonly next: readonly (readonly [word: string, description: string])[];
  readonly options: readonly Option[];
  /** What its first argument names, when a server knows those. */
  readonly names?: Named;
  /** All that follow are such names, too. */
  readonly isVariadic: boolean;
}

/** What arguments name, by how `--help` writes it, and where those names are asked for. */
const NAMED = {
  'PACK.ACTION': { operation: 'GET /actions', attribute: 'ref' },
  'PACK.RULE': { operation: 'GET /rules', attribute: 'ref' },
  'PACK.POLICY': { operation: 'GET /policies', attribute: 'ref' },
  'PACK.ALIAS': { operation: 'GET /actionalias', attribute: 'ref' },
  'PACK.TRIGGER': { operation: 'GET /triggertypes', attribute: 'ref' },
  'PACK.SENSOR': { operation: 'GET /sensortypes', attribute: 'ref' },
  PACK: { operation: 'GET /packs', attribute: 'ref' },
  KEY: { operation: 'GET /keys', attribute: 'name' },
  RUNNER: { operation: 'GET /runnertypes', attribute: 'name' },
  ROLE: { operation: 'GET /rbac/roles', attribute: 'name' },
} as const;

type Named = keyof typeof NAMED;

export interface NamesOptions extends GlobalOptions {
  /** A kind; see NAMED. */
  readonly names?: string;
  /** Not the action itself: what it takes. */
  readonly of?: string;
}

/** What a script asks for while somebody waits for it: the names that a server knows, one a line; nothing where it cannot be asked. */
export async function printNames({ names, of, ...options }: NamesOptions): Promise<void> {
  if (!isNamed(names)) return;
  const client = await connect(options);
  if (of !== undefined) {
    const { parameters } = await client.call('GET /actions/views/parameters/{ref}', { path: { ref: of } });
    const free = Object.entries(parameters).filter(([, { immutable }]) => immutable !== true);
    process.stdout.write(free.map(([name]) => `${name}=\n`).join(''));
    return;
  }
  const { operation, attribute } = NAMED[names];
  const { items } = await client.page(operation, { query: { limit: -1, include_attributes: attribute } });
  const read = (item: object) => Object.entries(item).find(([name]) => name === attribute)?.[1];
  process.stdout.write(items.map((item) => `${String(read(item))}\n`).join(''));
}

function isNamed(kind: string | undefined): kind is Named {
  return kind !== undefined && Object.hasOwn(NAMED, kind);
}

/** A script for a shell, made from the commands there are. */
export function completion(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  return SCRIPTS[shell](placesOf(program, 'petrel', program.options));
}

function placesOf(command: Command, words: string, inherited: readonly Option[]): readonly Place[] {
  const subcommands = command.commands;
  const options = [...new Set([...command.options, ...inherited])].filter(({ hidden }) => !hidden);
  const next = [
    ...subcommands.map((one) => [one.name(), one.description()] as const),
    ...command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices.map((choice) => [choice, ''] as const)),
    ...options.map((option) => [option.long ?? option.flags, option.description] as const),
    ['--help', 'what there is'] as const,
  ];
  const [first]: readonly Argument[] = command.registeredArguments;
  const named = isNamed(first?.description) ? { names: first.description } : {};
  return [
    { words, next, options, ...named, isVariadic: first?.variadic === true },
    ...subcommands.flatMap((one) => placesOf(one, `${words} ${one.name()}`, inherited)),
  ];
}

/**
 * In bash's words, which zsh understands too: sets `place` to the command that the words before the cursor lead to, and `first` to its first
 * argument.
 */
function walk(places: readonly Place[]): string {
  const known = places.slice(1).map(({ words }) => `"${words}"`);
  return `case "$place $word" in
      ${known.join('|')}) place="$place $word" first= ;;
      *" -"*) ;;
      *) first=\${first:-$word} ;;
    esac`;
}

/** Likewise: sets `names` to what the server knows that may stand at the place. */
function askForNames(places: readonly Place[], shell: string): string {
  const ask = (kind: Named) => `petrel completion ${shell} --names ${kind}`;
  const cases = places.flatMap(({ words, names: kind, isVariadic }) => {
    if (kind === undefined) return [];
    const takesParameters = / (?:run|execute)$/.test(words) && kind === 'PACK.ACTION';
    const then = takesParameters
      ? `else names=$(${ask(kind)} --of "$first" 2>/dev/null); `
      : isVariadic
        ? `else names=$(${ask(kind)} 2>/dev/null); `
        : '';
    return [`      "${words}") if [ -z "$first" ]; then names=$(${ask(kind)} 2>/dev/null); ${then}fi ;;`];
  });
  return `case "$place" in
${cases.join('\n')}
    esac`;
}

const SCRIPTS = {
  bash: (places: readonly Place[]) => `# petrel: completion for bash
_petrel() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} place=petrel first= names= word i words=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    ${walk(places)}
  done
  case "$previous" in
${values(places)
  .map(([option, choices]) => `    ${option}) words="${choices.join(' ')}" ;;`)
  .join('\n')}
    *) case "$place" in
${places.map(({ words, next }) => `      "${words}") words="${next.map(([word]) => word).join(' ')}" ;;`).join('\n')}
    esac
    if [[ $current != [-=]* && $previous != = ]]; then
      ${askForNames(places, 'bash')}
    fi ;;
  esac
  COMPREPLY=($(compgen -W "$words $names" -- "$current"))
  if [[ \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _petrel petrel
`,
  zsh: (places: readonly Place[]) => `#compdef petrel
_petrel() {
  local place=petrel first= names= word
  local -a next
  for word in \${words[2,CURRENT-1]}; do
    ${walk(places)}
  done
  case "$place" in
${places
  .map(
    ({ words, next }) =>
      `    "${words}") next=(${next.map(([word, about]) => quoted(`${word.replaceAll(':', '\\:')}:${about}`)).join(' ')}) ;;`,
  )
  .join('\n')}
  esac
  if [[ $PREFIX != -* ]]; then
    ${askForNames(places, 'zsh')}
  fi
  [ -n "$names" ] && compadd -- \${(f)names}
  _describe 'petrel' next || [ -n "$names" ] || _files
}
if [ "$funcstack[1]" = _petrel ]; then _petrel "$@"; else compdef _petrel petrel; fi
`,
  fish: (places: readonly Place[]) => `# petrel: completion for fish
function __petrel_at
  set -l place petrel
  for word in (commandline -opc)[2..-1]
    switch "$place $word"
      case ${places
        .slice(1)
        .map(({ words }) => quoted(words))
        .join(' ')}
        set place "$place $word"
    end
  end
  test "$place" = "$argv[1]"
end
${places
  .flatMap(({ words, next, names }) => {
    const at = `complete -c petrel -n ${quoted(`__petrel_at '${words}'`)}`;
    const known = next.map(([word, about]) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${quoted(word)}`;
      return `${at} ${what} -d ${quotedForFish(about)}`;
    });
    return names === undefined
      ? known
      : [...known, `${at} -f -a '(petrel completion fish --names ${names} 2>/dev/null)'`];
  })
  .join('\n')}
`,
} as const;

/** Options that take one of a few values. */
function values(places: readonly Place[]): (readonly [option: string, choices: readonly string[]])[] {
  const options = new Set(places.flatMap((place) => place.options));
  return [...options].flatMap(({ long, argChoices }) =>
    typeof long === 'string' && argChoices !== undefined ? [[long, argChoices] as const] : [],
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Within its single quotes, fish reads backslashes. */
function quotedForFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
