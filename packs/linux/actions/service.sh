#!/bin/sh
# Starts, stops or restarts a service: service.sh ACTION SERVICE
set -eu
act=$1 service=$2
case $service in '' | -* | *[!A-Za-z0-9@._:-]*) echo "\"$service\" is no name of a service." >&2; exit 2 ;; esac
case $act in start | stop | restart | reload | status) ;; *) echo "\"$act\" cannot be done; start, stop, restart, reload and status can." >&2; exit 2 ;; esac
if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then exec systemctl "$act" "$service"
elif command -v service >/dev/null 2>&1; then exec service "$service" "$act"
elif command -v rc-service >/dev/null 2>&1; then exec rc-service "$service" "$act"
fi
echo 'This machine has neither systemctl nor service nor rc-service.' >&2
exit 127
