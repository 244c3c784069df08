#!/bin/sh
# What is known of processes: each_pid.sh lsof|netstat PIDS
set -eu
what=$1
if ! command -v "$what" >/dev/null 2>&1; then
  echo "There is no program $what on this machine." >&2
  exit 127
fi
for pid in $(printf '%s' "$2" | tr ',' ' '); do
  case $pid in *[!0-9]*) echo "\"$pid\" is no process id." >&2; exit 2 ;; esac
  # A process that is gone, or has nothing open, is no failure.
  if [ "$what" = lsof ]; then lsof -p "$pid" || true
  else netstat -pant 2>/dev/null | grep -w -- "$pid/" || true; fi
done
