#!/usr/bin/env bash
set -euo pipefail
SOCAT=/usr/bin/socat
LISTEN_PORT=${LISTEN_PORT:-5432}
DB_HOST=${DB_HOST:-db.internal}
KIND=TCP-LISTEN
OPTS="fork,reuseaddr"

"$SOCAT" -d -d "$KIND:$LISTEN_PORT,$OPTS" "TCP:${DB_HOST}:5432" &
exec $SOCAT ${KIND}:15432,${OPTS},bind=127.0.0.1 TCP:$DB_HOST:5432
