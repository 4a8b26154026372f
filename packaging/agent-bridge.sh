#!/bin/sh
# `agent-bridge` for administrators: as root it becomes the service's user, since a database file that root
# makes or touches could no longer be written by the service. `conf` changes Asterisk's files and stays root.
program=/opt/agent-bridge/bin/agent-bridge
if [ "$(id -u)" = 0 ] && [ "${1-}" != conf ]; then
    exec runuser -u agent-bridge -- "$program" "$@"
fi
exec "$program" "$@"
