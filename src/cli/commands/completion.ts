import type { Command, Option } from 'commander';

interface Place {
  /** The words that lead there: `petrel action list`. */
  readonly words: string;
  /** What may follow, with what it does. */
  readonly next: readonly (readonly [word: string, description: string])[];
  readonly subcommands: readonly string[];
  readonly options: readonly Option[];
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
  return [
    { words, next, subcommands: subcommands.map((one) => one.name()), options },
    ...subcommands.flatMap((one) => placesOf(one, `${words} ${one.name()}`, inherited)),
  ];
}

/** In bash's words, which zsh understands too: sets `place` to the command that the words before the cursor lead to. */
function walk(places: readonly Place[]): string {
  const known = places.slice(1).map(({ words }) => `"${words}"`);
  return `case "$place $word" in
      ${known.join('|')}) place="$place $word" ;;
    esac`;
}

const SCRIPTS = {
  bash: (places: readonly Place[]) => `# petrel: completion for bash
_petrel() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} place=petrel word i words=
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
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _petrel petrel
`,
  zsh: (places: readonly Place[]) => `#compdef petrel
_petrel() {
  local place=petrel word
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
  _describe 'petrel' next || _files
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
  .flatMap(({ words, next }) =>
    next.map(([word, about]) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${quoted(word)}`;
      return `complete -c petrel -n ${quoted(`__petrel_at '${words}'`)} ${what} -d ${quotedForFish(about)}`;
    }),
  )
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
