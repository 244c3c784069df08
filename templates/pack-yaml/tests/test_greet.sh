#!/bin/sh
# petrel pack test runs what begins with test_ in here.
set -eu
test "$(sh "$(dirname "$0")/../actions/greet.sh" Hello Ann)" = 'Hello, Ann!'
