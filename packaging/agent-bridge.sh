#!/bin/sh
# `agent-bridge` for administrators: as root it becomes the service's user, since a database file that root
# makes or touches could no longer be written by the service. `conf` changes Asterisk's files and stays root.
program=/opt/agent-bridge/bin/agent-bridge

# The command among the words: the first that is no option, nor the value of --config.
command_of() {
    while [ $# -gt 0 ]; do
        case $1 in
            --config) [ $# -gt 1 ] && shift ;;
            -*) ;;
            *) printf %s "$1" && return ;;
        esac
        shift
    done
}

if [ "$(id -u)" = 0 ] && [ "$(command_of "$@")" != conf ]; then
    exec runuser -u agent-bridge -- "$program" "$@"
fi
exec "$program" "$@"
