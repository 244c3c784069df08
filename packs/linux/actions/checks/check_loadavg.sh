#!/bin/sh
# The load of this machine as JSON: check_loadavg.sh 1|5|15|all
set -eu
read -r one five fifteen _ </proc/loadavg
case $1 in
  1) printf '{"1": "%s"}\n' "$one" ;;
  5) printf '{"5": "%s"}\n' "$five" ;;
  15) printf '{"15": "%s"}\n' "$fifteen" ;;
  all) printf '{"1": "%s", "5": "%s", "15": "%s"}\n' "$one" "$five" "$fifteen" ;;
  *) echo "\"$1\" is no period; 1, 5, 15 and all are." >&2; exit 2 ;;
esac
