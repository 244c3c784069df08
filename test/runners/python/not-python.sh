#!/bin/sh
# A command that answers as a Python does, but cannot run the host.
if [ "$1" = "-c" ]; then
  printf '%s\n3.11.0\n' "$0"
  exit 0
fi
echo 'no module named petrel' >&2
exit 3
