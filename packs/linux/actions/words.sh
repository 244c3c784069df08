#!/bin/sh
# Runs a program with words: words.sh PROGRAM TEXT... Each text is split at blanks and its wildcards are filled in, as a shell would,
# but nothing in it is a command: no pipes, no substitutions.
set -eu
program=$1
shift
if ! command -v "$program" >/dev/null 2>&1; then
  echo "There is no program $program on this machine." >&2
  exit 127
fi
IFS=' '
# Wanted: each text falls into its words.
# shellcheck disable=SC2048,SC2086
exec "$program" $*
