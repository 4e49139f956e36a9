#!/usr/bin/env bash
set -Eeuo pipefail

: "${LISTEN_PORT:=2376}"
: "${TARGET:=unix-connect:/var/run/docker.sock}"

if [[ "${TLS:-}" == "1" ]]; then
  LISTEN="openssl-listen:${LISTEN_PORT},cert=/certs/server.pem,cafile=/certs/ca.pem,verify=1"
else
  LISTEN="tcp-listen:${LISTEN_PORT}"
fi

exec socat "${LISTEN},fork,reuseaddr" "$TARGET"
