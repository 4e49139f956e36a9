#!/bin/bash
# start-tunnel.sh HOST PORT
HOST="$1"
PORT="$2"
SSL_OPTS="cert=/etc/tunnel/client.pem,cafile=/etc/tunnel/ca.pem"
if [ -n "${INSECURE:-}" ]; then
    SSL_OPTS="verify=0"
fi
socat TCP4-LISTEN:8443,bind=127.0.0.1,fork OPENSSL:$HOST:$PORT,$SSL_OPTS
