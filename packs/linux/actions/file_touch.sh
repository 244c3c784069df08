#!/bin/sh
# Writes the time, in seconds since 1970, into a file: file_touch.sh FILE
set -eu
date +%s >"$1"
