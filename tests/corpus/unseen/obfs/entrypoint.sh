#!/bin/sh
set -e
if [ "${1#-}" != "$1" ] || [ -z "${1##*:*}" ]; then
    set -- socat "$@"
fi
exec "$@"
