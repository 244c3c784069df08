#!/bin/sh
# Copies to another machine: rsync.sh ARGS TIMEOUT SOURCE SERVER DESTINATION
set -eu
args=$1 timeout=$2 source=$3 server=$4 destination=$5
case $server in -* | *[!A-Za-z0-9@._:-]*) echo "\"$server\" is no name of a machine." >&2; exit 2 ;; esac
IFS=' '
# Wanted: options and sources fall into their words.
# shellcheck disable=SC2086
exec rsync $args -e "ssh -o ConnectTimeout=$timeout" -- $source "$server:$destination"
