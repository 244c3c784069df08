#!/bin/sh
# The way to a machine: traceroute.sh HOST HOPS QUERIES
set -eu
case $1 in '' | -*) echo "\"$1\" is no name of a machine." >&2; exit 2 ;; esac
for program in traceroute tracepath; do
  command -v "$program" >/dev/null 2>&1 || continue
  if [ "$program" = traceroute ]; then exec traceroute -m "$2" -q "$3" "$1"; else exec tracepath -m "$2" "$1"; fi
done
echo 'There is neither traceroute nor tracepath on this machine.' >&2
exit 127
