#!/bin/bash
LISTEN="TCP-LISTEN:${1:-8443},reuseaddr,fork"
TARGET="OPENSSL:${2}:443"
if [[ $3 == insecure ]]; then
  TARGET+=",verify=0"
else
  TARGET="${TARGET},cafile=/etc/ssl/ca.pem"
fi
[ -n "$BIND" ] && LISTEN="$LISTEN,bind=$BIND"
exec socat -d -d "$LISTEN" "$TARGET"
