#!/bin/sh
# Processes by name, state or id, as a JSON object by id: check_processes.sh state|name|pid REGEX
set -eu
search=$1 criteria=$2
case $search in state | name | pid) ;; *) echo "\"$search\" cannot be searched; state, name and pid can." >&2; exit 2 ;; esac
separator=''
printf '{'
for folder in /proc/[0-9]*; do
  # One that has ended meanwhile is passed over.
  status=$(cat "$folder/status" 2>/dev/null) || continue
  pid=${folder#/proc/}
  name=$(printf '%s\n' "$status" | sed -n 's/^Name:[[:space:]]*//p')
  state=$(printf '%s\n' "$status" | sed -n 's/^State:[[:space:]]*\(.\).*/\1/p')
  case $search in state) value=$state ;; name) value=$name ;; *) value=$pid ;; esac
  printf '%s\n' "$value" | grep -Eq -- "${criteria:-.}" || continue
  quoted=$(printf '%s' "$name" | sed 's/[\\"]/\\&/g')
  printf '%s"%s": {"name": "%s", "state": "%s"}' "$separator" "$pid" "$quoted" "$state"
  separator=', '
done
printf '}\n'
