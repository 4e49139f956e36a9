#!/bin/sh
set -eu
CRT="/etc/haproxy/certs/$RENEWED_DOMAINS.pem"
HAPROXY_STAT=${HAPROXY_STAT:-"socat stdio unix-connect:/var/run/haproxy.sock"}
cat "$RENEWED_LINEAGE/fullchain.pem" "$RENEWED_LINEAGE/privkey.pem" > "$CRT"
printf 'set ssl cert %s <<\n%s\n\n' "$CRT" "$(cat "$CRT")" | $HAPROXY_STAT
echo "commit ssl cert $CRT" | $HAPROXY_STAT
echo "show info" | socat -t5 stdio tcp-connect:${LB_HOST}:9999
