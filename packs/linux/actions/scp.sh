#!/bin/sh
# Copies between machines: scp.sh ARGS KEYFILE SOURCE DESTINATION
set -eu
args=$1 keyfile=$2 source=$3 destination=$4
IFS=' '
# Wanted: options and sources fall into their words.
# shellcheck disable=SC2086
if [ -n "$keyfile" ]; then exec scp $args -i "$keyfile" -- $source "$destination"; else exec scp $args -- $source "$destination"; fi
